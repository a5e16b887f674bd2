import { expect, test } from 'vitest';
import { definitionText } from '../../../../src/definition/write/definition-text.ts';
import { hasComments, updatedText } from '../../../../src/definition/write/updated-text.ts';

const TEXT = `# what it is
name: x # its name
inputs: { a: { type: string } } # one
steps:
  # first
  - id: a
    command: echo 1 # why

  # second
  - { id: b, command: 'echo 2' }
# the end
`;

test('what stays keeps its comments, its quotes and its place', () => {
  const value = {
    name: 'x',
    description: 'new',
    inputs: { a: { type: 'string' } },
    steps: [
      { id: 'a', command: 'echo 3', timeout: '3s' },
      { id: 'b', command: 'echo 2' },
      { id: 'c', command: 'ls' },
    ],
  };
  const text = updatedText(TEXT, value);
  for (const kept of [
    '# what it is',
    '# its name',
    '# one',
    '# first',
    '# why',
    '# second',
    "{ id: b, command: 'echo 2' }",
    '# the end',
  ])
    expect(text).toContain(kept);
  expect(text).toMatch(/# first\n {2}- id: a\n {4}command: echo 3 # why\n {4}timeout: 3s\n/);
  expect(text).toMatch(/^description: new$/m);
});

test('the same value is the same text', () => {
  const value = {
    name: 'x',
    inputs: { a: { type: 'string' } },
    steps: [
      { command: 'echo 1', id: 'a' },
      { id: 'b', command: 'echo 2' },
    ],
  };
  expect(updatedText(TEXT, value)).toBe(TEXT);
});

test('a comment moves with its step', () => {
  const value = {
    name: 'x',
    steps: [
      { id: 'b', command: 'echo 2' },
      { id: 'a', command: 'echo 1' },
    ],
  };
  expect(updatedText(TEXT, value)).toMatch(/# second\n.*id: b.*\n {2}# first\n {2}- id: a/);
});

test('what is no YAML map is written anew', () => {
  const value = { name: 'x', steps: [{ command: 'ls' }] };
  for (const text of ['', 'steps: [', '- 1', '{ "name": "y" }'])
    expect(updatedText(text, value)).toBe(definitionText(value));
});

test('keys stand in the order of the manual, and a script as a block', () => {
  const value = {
    steps: [{ undo: 'rm -f a', command: 'touch a\ntouch b\n', id: 'a' }],
    name: 'x',
    inputs: { a: { default: 1, type: 'integer' } },
  };
  expect(definitionText(value)).toBe(`name: x
inputs:
  a: { type: integer, default: 1 }
steps:
  - id: a
    command: |
      touch a
      touch b
    undo: rm -f a
`);
});

test('comments are seen wherever they stand', () => {
  expect(hasComments(TEXT)).toBe(true);
  expect(hasComments('name: x\nsteps:\n  - command: ls # why\n')).toBe(true);
  expect(hasComments('name: x\nsteps:\n  - command: "ls # no"\n')).toBe(false);
});

test('a list on one line is as close as people write it, and stays so', () => {
  const text = 'name: x\ntags: [web, "a: b"] # two\nsteps:\n  - { id: a, command: x, needs: [] }\n';
  const steps = [{ id: 'a', command: 'x', needs: [] }, { command: 'y' }];
  const updated = updatedText(text, { name: 'x', tags: ['web', 'a: b'], steps });
  expect(updated).toBe(`${text}  - command: y\n`);
});
