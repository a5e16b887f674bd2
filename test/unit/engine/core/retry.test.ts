/** Which failures are tried again, and when. */
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../../src/engine/core/failure.ts';
import { DURATION_MS_MAX, RETRY_AFTER_MS_MAX } from '../../../../src/engine/core/limits.ts';
import type { RetryPolicy } from '../../../../src/engine/core/model.ts';
import { retryAfterMs, retryDelayMs } from '../../../../src/engine/core/retry.ts';
import { failure } from './failure-example.ts';

const policy: RetryPolicy = { attempts: 5, delayMs: 100, backoff: 2, maxDelayMs: 500, jitter: 0 };
const busy: Failure = { ...failure('status'), data: { status: 503, retry_after_ms: 700 } };
const exit75: Failure = { ...failure('exit'), data: { exit_code: 75 } };

describe('retryDelayMs', () => {
  test('grows by the factor up to the longest delay', () => {
    expect([1, 2, 3, 4, 5].map((used) => retryDelayMs(policy, used))).toEqual([100, 200, 400, 500, 500]);
  });

  test('stays constant with a factor of 1', () => {
    expect([1, 2, 9].map((used) => retryDelayMs({ ...policy, backoff: 1 }, used))).toEqual([100, 100, 100]);
  });

  test('never leaves exact time, however many attempts there were', () => {
    const endless = { ...policy, backoff: 10, maxDelayMs: Number.POSITIVE_INFINITY };
    expect(retryDelayMs(endless, 400)).toBe(DURATION_MS_MAX);
  });
});

describe('retryAfterMs', () => {
  test.each<[string, RetryPolicy | undefined, number, Failure, number | undefined]>([
    ['no policy', undefined, 1, failure('exit'), undefined],
    ['attempts left', policy, 4, failure('exit'), 500],
    ['no attempts left', policy, 5, failure('exit'), undefined],
    ['a final failure', policy, 1, failure('exit', 'final'), undefined],
    ['a final failure that `on` names', { ...policy, on: ['exit'] }, 1, failure('exit', 'final'), 100],
    ['a failure that `on` does not name', { ...policy, on: ['timeout'] }, 1, failure('exit'), undefined],
    ['the exit code that `on` names', { ...policy, on: ['exit:75'] }, 1, exit75, 100],
    ['another exit code', { ...policy, on: ['exit:7'] }, 1, exit75, undefined],
    ['the status that `on` names', { ...policy, on: ['status:503'] }, 1, busy, 700],
    ['another status', { ...policy, on: ['status:429'] }, 1, busy, undefined],
    ['asked to wait longer than the policy would', { ...policy, jitter: 1 }, 1, busy, 700],
    ['asked to wait less', { ...policy, delayMs: 800, maxDelayMs: 900 }, 1, busy, 800],
    ['asked to wait for years', policy, 1, { ...busy, data: { retry_after_ms: 1e12 } }, RETRY_AFTER_MS_MAX],
    ['`on` any', { ...policy, on: ['any'] }, 1, failure('odd', 'final'), 100],
    ['nothing in `on`', { ...policy, on: [] }, 1, failure('exit'), undefined],
    ['a cancelled step', { ...policy, on: ['any', 'cancelled'] }, 1, failure('cancelled'), undefined],
  ])('%s', (_, given, used, wrong, expected) => {
    expect(retryAfterMs(given, used, wrong, 0)).toBe(expected);
  });

  test('takes the share that jitter and chance allow', () => {
    const jittery = { ...policy, jitter: 0.5 };
    expect(retryAfterMs(jittery, 1, exit75, 0)).toBe(100);
    expect(retryAfterMs(jittery, 1, exit75, 0.5)).toBe(75);
    expect(retryAfterMs(jittery, 1, exit75, 1)).toBe(50);
  });
});
