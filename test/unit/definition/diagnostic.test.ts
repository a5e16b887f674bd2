import { expect, test } from 'vitest';
import { DiagnosticList, formatPath, describe as inWords } from '../../../src/definition/diagnostic.ts';

test.each([
  [[], ''],
  [['steps', 2, 'when'], 'steps[2].when'],
  [['inputs', 'go-live'], 'inputs.go-live'],
  [['outputs', 'a b', 0], 'outputs["a b"][0]'],
])('%j', (path, text) => {
  expect(formatPath(path)).toBe(text);
});

test.each([
  [undefined, 'nothing'],
  [[1], 'a list'],
  [{}, 'a map'],
  ['x', '`"x"`'],
  [null, '`null`'],
])('%j in words', (value, text) => {
  expect(inWords(value)).toBe(text);
});

test('long values are cut', () => {
  expect(inWords('x'.repeat(1_000)).length).toBeLessThan(90);
});

test('warnings never push errors out', () => {
  const list = new DiagnosticList({ locate: () => undefined });
  for (let count = 0; count < 300; count += 1)
    list.add({ severity: 'warning', code: 'w', message: 'w', path: [] });
  expect(list.hasErrors).toBe(false);
  list.add({ code: 'e', message: 'e', path: [] });
  expect(list.hasErrors).toBe(true);
  expect(list.sorted().some(({ code }) => code === 'e')).toBe(true);
});
