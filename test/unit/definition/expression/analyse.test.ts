import { describe, expect, test } from 'vitest';
import { analyseExpression, analyseTemplate } from '../../../../src/definition/expression/analyse.ts';

describe('analyseExpression', () => {
  test('finds references with their fixed path', () => {
    const source = "steps.build.outputs.size + steps['go-live'].a[inputs.n].z + trim(item) + steps[which].b";
    expect(analyseExpression(source).references).toEqual([
      { root: 'steps', path: ['build', 'outputs', 'size'] },
      { root: 'steps', path: ['go-live', 'a'] },
      { root: 'inputs', path: ['n'] },
      { root: 'item', path: [] },
      { root: 'steps', path: [] },
      { root: 'which', path: [] },
    ]);
  });

  test('leaves out the names that macros bind', () => {
    const { references, functions } = analyseExpression('inputs.list.map(x, x.a + y).filter(z, has(z.b))');
    expect(references).toEqual([
      { root: 'inputs', path: ['list'] },
      { root: 'y', path: [] },
    ]);
    expect(functions.sort()).toEqual(['filter', 'has', 'map']);
  });

  test('says what is wrong and where', () => {
    expect(analyseExpression('inputs.a ==').problems).toMatchObject([{ code: 'syntax', offset: 11 }]);
    expect(analyseExpression('1 + nope(2) + trm(x)').problems).toMatchObject([
      { code: 'unknown_function', offset: 4 },
      { code: 'unknown_function', offset: 14, hint: 'did you mean trim?' },
    ]);
    expect(analyseExpression('x'.repeat(20_000)).problems).toMatchObject([{ code: 'limit' }]);
  });
});

test('analyseTemplate gathers all spots, with offsets into the text', () => {
  const { references, functions, problems } = analyseTemplate(
    'a {{ inputs.a }} b {{ nope(run.id) }} c {{ 1 + }}',
  );
  expect(references).toEqual([
    { root: 'inputs', path: ['a'] },
    { root: 'run', path: ['id'] },
  ]);
  expect(functions).toEqual(['nope']);
  expect(problems).toMatchObject([
    { code: 'unknown_function', offset: 22 },
    { code: 'syntax', offset: 47 },
  ]);
});
