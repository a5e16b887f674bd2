import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/engine/core/model.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

async function structured(name: string, args: object): Promise<JsonObject> {
  const answer = await scratch.call(name, args);
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.structured;
}

test('all errors at once, with line, column and the way out', async () => {
  const definition =
    'name: bad\ninputs:\n  target: {}\nsteps:\n  - id: a\n    comand: ls\n  - id: b\n    needs: [aa]\n    command: echo {{ inputs.traget }}\n';
  const { valid, diagnostics } = await structured('workflow_validate', { definition });
  expect(valid).toBe(false);
  const found = diagnostics as {
    code: string;
    line: number;
    column: number;
    hint?: string;
    message: string;
  }[];
  const lines = found.filter((each) => each.line !== undefined).map((each) => each.line);
  expect(lines).toEqual(expect.arrayContaining([6, 8, 9]));
  const words = JSON.stringify(found);
  for (const word of ['command', '`a`', 'target']) expect(words).toContain(word);
});

test('inputs and prerequisites are checked too', async () => {
  const definition = {
    name: 'ok',
    inputs: { n: { type: 'integer', minimum: 1 } },
    prerequisites: [{ tool: 'no-such-tool-here' }],
    steps: [{ id: 'a', command: 'echo {{ inputs.n }}' }],
  };
  const wrong = await structured('workflow_validate', { definition, inputs: { n: 0 } });
  expect(wrong).toMatchObject({ valid: false, level: 'standard' });
  const right = await structured('workflow_validate', { definition, inputs: { n: 1 } });
  expect(right.valid).toBe(true);
  expect(JSON.stringify(right.checks)).toContain('no-such-tool-here');
});

test('what comes later is refused by name', async () => {
  const definition = {
    name: 'later',
    security_profile: 'restricted',
    steps: [{ id: 'a', command: 'true', security_profile: 'standard' }],
  };
  const { valid, diagnostics } = await structured('workflow_validate', { definition });
  expect(valid).toBe(false);
  const refused = { code: 'not_supported', message: expect.stringContaining('`security_profile`') };
  expect(diagnostics).toMatchObject([refused, refused]);
});

test('the nearest folder wins, broken files are shown with their problem', async () => {
  const project = join(scratch.folder, '.belay', 'workflows');
  mkdirSync(project, { recursive: true });
  writeFileSync(
    join(project, 'mine.yaml'),
    'name: mine\ndescription: polish the boots\ntags: [shoes]\nsteps: [{ id: a, command: "true" }]\n',
  );
  writeFileSync(
    join(project, 'release-notes.yaml'),
    'name: release-notes\nsteps: [{ id: a, command: "true" }]\n',
  );
  writeFileSync(join(project, 'broken.yaml'), 'name: broken\nsteps: [{ id: a, comand: x }]\n');
  const all = (await structured('workflow_list', {})).workflows as {
    name: string;
    scope: string;
    problem?: string;
  }[];
  expect(all.find((each) => each.name === 'release-notes')?.scope).toBe('project');
  expect(all.find((each) => each.name === 'fix-validation')?.scope).toBe('shipped');
  expect(all.find((each) => each.name === 'broken')?.problem).toContain('`comand`');
  const found = (await structured('workflow_list', { query: 'boots', tag: 'shoes' })).workflows as {
    name: string;
  }[];
  expect(found.map((each) => each.name)).toEqual(['mine']);
  const first = await structured('workflow_list', { limit: 1 });
  const rest = (await structured('workflow_list', { cursor: first.next_cursor })).workflows as {
    name: string;
  }[];
  expect(rest).toHaveLength(all.length - 1);
});

test('a page ends early rather than be too long', async () => {
  const project = join(scratch.folder, '.belay', 'workflows');
  mkdirSync(project, { recursive: true });
  for (const name of ['a', 'b', 'c']) {
    const inputs = { big: { type: 'string', description: 'x'.repeat(30_000), default: '' } };
    const definition = { name, inputs, steps: [{ id: 's', command: 'echo {{ inputs.big }}' }] };
    writeFileSync(join(project, `${name}.yaml`), JSON.stringify(definition));
  }
  const first = await structured('workflow_list', { limit: 3 });
  expect(first).toMatchObject({ workflows: [{ name: 'a' }], next_cursor: 'a' });
  const second = await structured('workflow_list', { limit: 1, cursor: first.next_cursor });
  expect(second).toMatchObject({ workflows: [{ name: 'b' }], next_cursor: 'b' });
});
