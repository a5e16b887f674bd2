/**
 * Retry arithmetic: whether a failure is tried again, and after how long. Pure; chance is an argument.
 */
import type { Failure } from './failure.ts';
import { DURATION_MS_MAX, RETRY_AFTER_MS_MAX } from './limits.ts';
import type { RetryPolicy } from './model.ts';

/** Does one word of `retry.on` (`timeout`, `exit`, `exit:75`, `status:503`, `any`) cover the failure? */
function covers(word: string, failure: Failure): boolean {
  if (word === 'any') return true;
  const [code, detail] = word.split(':', 2);
  if (code !== failure.code) return false;
  return detail === undefined || String(failure.data?.exit_code ?? failure.data?.status) === detail;
}

/** Delay before attempt `attemptsUsed + 1`, before jitter. */
export function retryDelayMs(policy: RetryPolicy, attemptsUsed: number): number {
  const delay = policy.delayMs * policy.backoff ** Math.max(0, attemptsUsed - 1);
  return Math.min(delay, policy.maxDelayMs, DURATION_MS_MAX);
}

/** What whoever failed has asked for (`Retry-After`): neither chance nor the policy makes it shorter. */
function askedDelayMs({ data }: Failure): number {
  const asked = data?.retry_after_ms;
  return typeof asked === 'number' ? Math.min(asked, RETRY_AFTER_MS_MAX) : 0;
}

/**
 * Milliseconds until the next attempt; undefined when the failure stands.
 * A policy that names classes in `on` decides by them alone; without `on` the failure's own `retry` decides.
 * @param chance 0 to 1, how much of the jitter is taken
 */
export function retryAfterMs(
  policy: RetryPolicy | undefined,
  attemptsUsed: number,
  failure: Failure,
  chance: number,
): number | undefined {
  if (!policy || attemptsUsed >= policy.attempts || failure.code === 'cancelled') return undefined;
  const wanted = policy.on ? policy.on.some((word) => covers(word, failure)) : failure.retry === 'again';
  if (!wanted) return undefined;
  const delayMs = Math.round(retryDelayMs(policy, attemptsUsed) * (1 - policy.jitter * chance));
  return Math.max(delayMs, askedDelayMs(failure));
}
