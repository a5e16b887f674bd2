import { expect, test } from 'vitest';
import { durationText, timeText } from '../../../src/cli/time-text.ts';

test.each([
  [0, '0ms'],
  [999, '999ms'],
  [1_000, '1.0s'],
  [59_949, '59.9s'],
  [59_950, '1m 00s'],
  [65_000, '1m 05s'],
  [3_599_999, '1h 00m'],
  [7_830_000, '2h 10m'],
  [356_400_000, '4d 3h'],
])('%d ms reads %s', (ms, text) => expect(durationText(ms)).toBe(text));

test('a point of time is local and without fractions', () => {
  const at = new Date(2026, 0, 2, 3, 4, 5, 678);
  expect(timeText(at.toISOString())).toBe('2026-01-02 03:04:05');
});
