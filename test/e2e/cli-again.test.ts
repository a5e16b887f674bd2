/** Runs that go on with a mended definition, and runs that are run again. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scratch } from './cli-program.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  scratch.write('broken.yaml', definition('false'));
});
afterEach(() => scratch.end());

const definition = (second: string, name = 'mended') => `
name: ${name}
inputs: { word: { default: one } }
steps:
  - { id: first, command: "echo {{ inputs.word }} >> first.txt" }
  - { id: second, command: "${second}" }
`;

test('resume --with: what succeeded is kept, the mended step is named and runs again', async () => {
  const { answer } = await scratch.json('run', 'broken.yaml');
  expect(answer.status).toBe('failed');
  scratch.write('mended.yaml', definition('echo good > second.txt'));
  const { status, stderr } = await scratch.run('resume', answer.run_id, '--with', 'mended.yaml');
  expect([status, stderr]).toEqual([
    0,
    expect.stringContaining('`second` and what comes after it run again'),
  ]);
  expect([scratch.read('first.txt'), scratch.read('second.txt')]).toEqual(['one\n', 'good\n']);
});

test('resume --with a definition of another workflow, or a wrong one, changes nothing', async () => {
  const { answer } = await scratch.json('run', 'broken.yaml');
  scratch.write('other.yaml', definition('true', 'other'));
  scratch.write('wrong.yaml', 'name: mended\nsteps: []\n');
  const other = await scratch.run('resume', answer.run_id, '--with', 'other.yaml');
  expect(other.stderr).toContain('is of workflow `mended`, found a definition of `other`');
  const wrong = await scratch.run('resume', answer.run_id, '--with', 'wrong.yaml');
  expect([other.status, wrong.status]).toEqual([2, 2]);
  expect(wrong.stderr).toMatch(/^wrong\.yaml:2:\d+: error /);
  expect((await scratch.json('status', answer.run_id)).answer.status).toBe('failed');
});

test('rerun: a new run of the same definition, with its inputs or others, though the file has changed', async () => {
  scratch.write('plain.yaml', definition('true'));
  const { answer } = await scratch.json('run', 'plain.yaml', '-i', 'word=two');
  scratch.write('plain.yaml', definition('false'));
  expect((await scratch.run('rerun', answer.run_id)).status).toBe(0);
  expect((await scratch.run('rerun', answer.run_id, '-i', 'word=three')).status).toBe(0);
  expect(scratch.read('first.txt')).toBe('two\ntwo\nthree\n');
});
