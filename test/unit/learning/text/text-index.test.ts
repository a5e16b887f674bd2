import { expect, test } from 'vitest';
import { TextIndex } from '../../../../src/learning/text/text-index.ts';

test('the text with the rare words in common comes first', () => {
  const index = new TextIndex(10);
  index.add(['run', 'test']);
  index.add(['run', 'linter']);
  index.add(['list', 'file']);
  expect(index.query(['run', 'linter'], 5).map(({ document }) => document)).toEqual([1, 0]);
  expect(index.query(['nothing'], 5)).toEqual([]);
});

test('texts beyond the bound are forgotten, oldest first', () => {
  const index = new TextIndex(3);
  for (let i = 0; i < 10; i += 1) index.add(['same']);
  const found = index.query(['same'], 10).map(({ document }) => document);
  expect(found.sort()).toEqual([7, 8, 9]);
});

test('a restored index answers alike', () => {
  const index = new TextIndex(3);
  for (const terms of [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'd'],
    ['d', 'a'],
  ])
    index.add(terms);
  const restored = new TextIndex(3);
  restored.restore(structuredClone(index.snapshot()));
  expect(restored.query(['a', 'c'], 5)).toEqual(index.query(['a', 'c'], 5));
  expect(restored.add(['a'])).toBe(index.add(['a']));
});
