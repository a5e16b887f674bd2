import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const MODULE = pathToFileURL(join(import.meta.dirname, '../../../src/cli/inside-step.ts')).href;
const ASK = `const { isInsideStep } = await import('${MODULE}'); console.log(isInsideStep())`;

const asked = (command: string, env: NodeJS.ProcessEnv): string => {
  const found = spawnSync('sh', ['-c', command], {
    env: { PATH: process.env.PATH, NODE: process.execPath, ASK, ...env },
    encoding: 'utf8',
  });
  return found.stdout.trim();
};
const node = '"$NODE" --input-type=module -e "$ASK"';

test('a program that nobody of ours has started is not inside a step', () => {
  expect(asked(node, {})).toBe('false');
});

test('a program that a step has started is, also when it has shed the marker', () => {
  expect(asked(node, { BELAY_ATTEMPT: 'r/1' })).toBe('true');
  expect(asked(`env -u BELAY_ATTEMPT sh -c '${node}; true'; true`, { BELAY_ATTEMPT: 'r/1' })).toBe('true');
});
