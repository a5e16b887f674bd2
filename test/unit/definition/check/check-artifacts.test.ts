/** Outputs that are files: which texts are paths, what may be said about a file, and which steps hand one out. */
import { describe, expect, test } from 'vitest';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';

const read = (value: object) => readDefinition({ value: { name: 'test', ...value } as never }, stepTypes);

const outputsOf = (outputs: object) => {
  const { workflow, diagnostics } = read({ steps: [{ id: 'a', command: 'true', outputs }] });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return workflow.steps[0];
};

const codes = (value: object) => read(value).diagnostics.map(({ code, path }) => `${code} ${path}`);

test.each(['./dist/app.js', '../x', '/abs/olute', './dist/{{ "a" }}.js'])('%s makes an artifact', (path) => {
  expect(outputsOf({ out: path })).toMatchObject({ outputs: { out: path }, artifacts: { out: {} } });
});

test.each(['{{ stdout }}', '/api/{{ stdout }}', '{{ run.cwd }}/x', 'words', '...', '.x'])(
  '%s makes a value',
  (text) => expect(outputsOf({ out: text })).not.toHaveProperty('artifacts'),
);

test('a map says more about the file', () => {
  const file = { path: 'dist/{{ "a" }}', media_type: 'text/x-a', tags: ['web'], pin: true };
  expect(outputsOf({ file, plain: { path: 'x' }, value: '{{ stdout }}' })).toMatchObject({
    outputs: { file: 'dist/{{ "a" }}', plain: 'x', value: '{{ stdout }}' },
    artifacts: { file: { mediaType: 'text/x-a', tags: ['web'], pin: true }, plain: {} },
  });
});

test('expressions in a path are checked', () => {
  const outputs = { file: { path: './{{ steps.none.outputs.x }}' } };
  expect(codes({ steps: [{ id: 'a', command: 'true', outputs }] })).toEqual([
    'unknown_step steps[0].outputs.file.path',
  ]);
});

test('a path of the run as a whole is an artifact, and no warning', () => {
  const { workflow, diagnostics } = read({
    outputs: { a: './a.txt', b: 'b.txt' },
    steps: [{ id: 'a', command: 'true' }],
  });
  expect(workflow?.outputs).toEqual({ a: { value: './a.txt', artifact: {} }, b: { value: 'b.txt' } });
  expect(diagnostics.map(({ code }) => code)).toEqual(['looks_like_path']);
});

describe('is refused', () => {
  const outputs = { out: './x' };
  test.each([
    ['of a step that leaves no files', [{ id: 'a', type: 'set', values: { b: 1 }, outputs }], 'steps[0]'],
    ['of a block', [{ id: 'a', steps: [{ id: 'b', command: 'true' }], outputs }], 'steps[0]'],
    ['of an undo', [{ id: 'a', command: 'true', undo: { command: 'true', outputs } }], 'steps[0].undo'],
  ])('%s', (_, steps, path) => {
    expect(codes({ steps })).toEqual([`wrong_output ${path}.outputs.out`]);
  });

  test.each([
    ['without a path', { tags: ['a'] }, 'missing steps[0].outputs.out'],
    ['with a key that is not known', { path: 'x', pinn: true }, 'unknown_key steps[0].outputs.out.pinn'],
    [
      'with a type that is none',
      { path: 'x', media_type: 'text' },
      'wrong_value steps[0].outputs.out.media_type',
    ],
    ['that is a number', 3, 'wrong_type steps[0].outputs.out'],
  ])('%s', (_, out, diagnostic) => {
    expect(codes({ steps: [{ id: 'a', command: 'true', outputs: { out } }] })).toEqual([diagnostic]);
  });
});
