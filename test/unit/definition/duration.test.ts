import { expect, test } from 'vitest';
import { parseDuration } from '../../../src/definition/duration.ts';

test.each<[string | number, number | undefined]>([
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  [' 3s ', 3_000],
  ['7', 7_000],
  [5, 5_000],
  [0.25, 250],
  [0, 0],
  ['', undefined],
  ['s', undefined],
  ['3x', undefined],
  ['-3s', undefined],
  [-1, undefined],
  ['3 s 4', undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  ['3651d', undefined],
  ['1s'.repeat(40), undefined],
])('%j', (written, ms) => {
  expect(parseDuration(written)).toBe(ms);
});
