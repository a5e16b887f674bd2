import { expect, test } from 'vitest';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';

const read = (text: string) => readDefinition({ text: `name: w\n${text}` }, stepTypes).diagnostics;

test.each([
  ['a step', 'steps: [{ id: status, command: x }, { command: x, undo: y }]', 'steps[0].id'],
  ['an item', 'steps: [{ foreach: [1], as: error, command: x, undo: y }]', 'steps[0].as'],
  ['a step of a workflow without undo', 'steps: [{ id: status, command: x }]', undefined],
])('names of undos are not those of %s', (_, text, path) => {
  expect(read(text).map((found) => [found.code, found.path])).toEqual(
    path === undefined ? [] : [['reserved_name', path]],
  );
});

test.each([
  ['dist/app.js', 1],
  ['app.js', 1],
  ['out/', 1],
  ['app', 0],
  ['v1.2', 0],
  ['yes / no', 0],
  ['https://example.org/a.js', 0],
  ['{{ stdout }}/a.js', 0],
])('an output that is the text %s', (text, count) => {
  const found = [
    ...read(`steps: [{ command: x, outputs: { a: "${text}" } }]`),
    ...read(`outputs: { a: "${text.replace('stdout', 'run.id')}" }\nsteps: [{ command: x }]`),
  ];
  const warnings = found.filter(({ code }) => code === 'looks_like_path');
  expect(warnings).toHaveLength(2 * count);
  expect(warnings.every(({ severity }) => severity === 'warning')).toBe(true);
});
