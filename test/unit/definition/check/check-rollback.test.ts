import { expect, test } from 'vitest';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';

const read = (text: string) => readDefinition({ text: `name: w\n${text}` }, stepTypes).diagnostics;
const codes = (text: string) => read(text).map(({ code, path }) => `${code} ${path}`);

test.each([
  ['undo and irreversible', 'undo: y, irreversible: why', 'conflict steps[0].irreversible'],
  [
    'destructive without a checkpoint',
    'destructive: true, checkpoint: false',
    'conflict steps[0].checkpoint',
  ],
  ['a reason with a value', 'irreversible: "{{ env.A }}"', 'wrong_value steps[0].irreversible'],
])('contradictions: %s', (_, keys, expected) => {
  expect(codes(`steps: [{ command: x, ${keys} }]`)).toEqual([expected]);
});

test('a checkpoint has no checkpoint', () => {
  expect(codes('steps: [{ type: checkpoint, checkpoint: true }]')).toEqual(['conflict steps[0].checkpoint']);
});

test.each(['undo: y', 'checkpoint: true', 'irreversible: why', 'destructive: true', 'effects: remote'])(
  'a block cannot have %s',
  (key) => {
    const [found, ...others] = read(`steps: [{ id: g, steps: [{ command: x }], ${key} }]`);
    const [name = ''] = key.split(':');
    expect(found).toMatchObject({ code: 'conflict', path: `steps[0].${name}`, line: 2 });
    expect(found!.hint).toMatch(/put it on (?:its first step|the steps inside)/);
    expect(others).toEqual([]);
  },
);

test.each([
  'undo: y',
  'checkpoint: true',
  'irreversible: why',
  'destructive: true',
  'on_failure: rollback:manual',
])('neither the cleanup nor an undo has %s', (key) => {
  const [name = ''] = key.split(':');
  expect(codes(`steps: [{ command: x }]\ncleanup: [{ command: z, ${key} }]`)).toEqual([
    `conflict cleanup[0].${name}`,
  ]);
  expect(codes(`steps: [{ command: x, undo: [{ command: z, ${key} }] }]`)).toEqual([
    `conflict steps[0].undo[0].${name}`,
  ]);
  expect(codes(`steps: [{ command: x, undo: [{ steps: [{ command: z, ${key} }] }] }]`)).toEqual([
    `conflict steps[0].undo[0].steps[0].${name}`,
  ]);
});

test('no checkpoint is a step of the cleanup or of an undo', () => {
  expect(codes('steps: [{ command: x }]\ncleanup: [{ type: checkpoint }]')).toEqual([
    'conflict cleanup[0].type',
  ]);
  expect(codes('steps: [{ command: x, undo: { type: checkpoint } }]')).toEqual([
    'conflict steps[0].undo.type',
  ]);
});

test.each([
  'steps: [{ command: x, irreversible: why, checkpoint: true }]',
  'steps: [{ command: x, destructive: true, undo: y, checkpoint: { name: n } }]',
  'steps: [{ type: wait, for: 1s, checkpoint: true, undo: y }]',
  'steps: [{ steps: [{ command: x, undo: y }], on_failure: rollback }]',
  'steps: [{ command: x }]\ncleanup: [{ command: z, effects: none, on_failure: continue }]',
])('is fine: %s', (text) => {
  expect(codes(text)).toEqual([]);
});
