import { expect, test } from 'vitest';
import {
  cutJson,
  cutLog,
  cutObject,
  cutText,
  firstWithin,
  withinBudget,
} from '../../../src/tools/answer-budget.ts';

test('a cut text says how long it was, and never ends in half a character', () => {
  expect(cutText('short', 5, 'ask')).toBe('short');
  expect(cutText('x'.repeat(100), 10, 'ask')).toBe('xxxxxxxxxx… 100 bytes, ask');
  expect(cutText('ä'.repeat(10), 5, 'ask')).toBe('ää… 20 bytes, ask');
});

test('of a log the end is kept', () => {
  expect(cutLog('one\ntwo', 7, 'ask')).toBe('one\ntwo');
  expect(cutLog('ä\nend', 5, 'ask')).toBe('… the end of 6 bytes, ask\n\nend');
});

test('a value that is too long becomes text; names beyond the bound are counted', () => {
  expect(cutJson([1, 2], 5, 'ask')).toEqual([1, 2]);
  expect(cutJson([1, 2, 3], 5, 'ask')).toBe('[1,2,… 7 bytes, ask');
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`n${index}`, index]));
  const cut = cutObject(many, 64, 'ask');
  expect(Object.keys(cut).length).toBeLessThan(40);
  expect(cut['…']).toBe(`${100 - (Object.keys(cut).length - 1)} more, ask`);
  expect(cutObject(many, 1_000, 'ask')).toEqual(many);
});

test('the first items that fit together', () => {
  expect(firstWithin(['aa', 'bb', 'cc'], 8)).toEqual(['aa', 'bb']);
  expect(firstWithin(['aa', 'bb'], 8)).toEqual(['aa', 'bb']);
});

test('what fits is not cut; what does not loses value length first, then rows', () => {
  const build = (values: number, rows: number) => (bounds: { valueBytes: number; rows: number }) => ({
    size: Math.min(values, bounds.valueBytes) * Math.min(rows, bounds.rows),
    ...bounds,
  });
  const fit = (values: number, rows: number) => withinBudget(6_400, build(values, rows), ({ size }) => size);
  expect(fit(3_200, 2)).toMatchObject({ size: 6_400, valueBytes: 6_400 });
  expect(fit(4_000, 10)).toMatchObject({ valueBytes: 400, rows: 20 });
  expect(fit(1_000_000, 1_000_000).size).toBeLessThanOrEqual(6_400);
});
