/** Files that a run and the run inside it have both changed: what one of the family did is no conflict for the other. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  scratch.write(
    'filer.yaml',
    'name: filer\nsteps: [{ id: w, command: "echo inner >> data.txt" }, { id: r, effects: remote, command: "true", undo: "true" }]\n',
  );
  scratch.write('data.txt', 'before\n');
});
afterEach(() => scratch.end());

test.each([
  ['after it', 'echo last >> data.txt; exit 1'],
  ['before it only', 'exit 1'],
])('the outer run touched the same file %s', async (_, last) => {
  scratch.write(
    'outer.yaml',
    `name: outer
on_failure: rollback
steps:
  - { id: first, command: "echo one >> data.txt" }
  - { id: n, workflow: filer }
  - { id: last, command: "${last}" }
`,
  );
  const { answer } = await scratch.json('run', 'outer.yaml', '--workflows', scratch.folder);
  expect(answer.status).toBe('rolled_back');
  expect(scratch.read('data.txt')).toBe('before\n');
});
