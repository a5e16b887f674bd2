/** Durations as written, in milliseconds. */
import { expect, test } from 'vitest';
import { durationField, durationMs } from '../../../src/steps/duration.ts';

test.each([
  ['30s', 30_000],
  ['500ms', 500],
  ['1.5s', 1_500],
  ['1h30m', 5_400_000],
  ['30', 30_000],
  ['2d', 172_800_000],
  [' 5m ', 300_000],
  [10, 10_000],
  [0.25, 250],
  [0, 0],
  ['1h 30m', undefined],
  ['', undefined],
  ['s', undefined],
  ['-1s', undefined],
  ['5 minutes', undefined],
  ['99999d', undefined],
  [-1, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  [null, undefined],
  [true, undefined],
])('%j', (written, ms) => {
  expect(durationMs(written)).toBe(ms);
});

test('the field names what it found', () => {
  expect(durationField.safeParse('soon').error?.issues[0]?.message).toContain('found `soon`');
});

test('a checked value may be checked again', () => {
  expect(durationField.parse(durationField.parse('30s'))).toBe('30s');
});

test('hostile text costs no more than plain text', () => {
  expect(durationMs(`${'1s'.repeat(50_000)}x`)).toBeUndefined();
});
