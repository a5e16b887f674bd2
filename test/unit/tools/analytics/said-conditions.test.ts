/** What a step printed in real runs becomes the condition under which a later one fails. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Scratch, scratchBelay } from '../../../fixtures/scratch-belay.ts';

const ROUNDS = 8;
const RELEASE = {
  name: 'release',
  steps: [
    { id: 'state', command: 'git status --porcelain -- draft.txt' },
    { id: 'tag', command: 'test ! -e draft.txt' },
  ],
};

let scratch: Scratch;

beforeAll(async () => {
  scratch = scratchBelay();
  execFileSync('git', ['init', '-q', scratch.folder]);
  const draft = join(scratch.folder, 'draft.txt');
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    if (round % 2 === 0) writeFileSync(draft, 'x');
    else rmSync(draft);
    const args = { definition: RELEASE, wait_seconds: 60 };
    const answer = await scratch.call('workflow_execute', args);
    if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  }
}, 120_000);

afterAll(() => scratch.close());

test('a warning names what an earlier step had said', async () => {
  const answer = await scratch.call('workflow_analytics', {});
  const { warnings } = (answer as unknown as { structured: { warnings: { text: string }[] } }).structured;
  expect(warnings.map(({ text }) => text)).toEqual([
    '`tag` failed 8 of 8 times when `git status` was dirty (0 of 8 otherwise)',
  ]);
});

test('a log that is gone says nothing, not that nothing was printed', async () => {
  rmSync(join(scratch.belay.home, 'runs'), { recursive: true });
  const answer = await scratch.call('workflow_analytics', {});
  const { warnings } = (answer as unknown as { structured: { warnings: { text: string }[] } }).structured;
  expect(warnings.map(({ text }) => text)).toEqual(['`tag` failed 8 of 16 times']);
});
