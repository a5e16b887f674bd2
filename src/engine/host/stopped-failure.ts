/** What an attempt that the host ended fails with, where its type has no words of its own for that. */
import type { Failure } from '../core/failure.ts';
import type { StepState } from '../core/state.ts';

/** A call that was cut off may have done its work: without a word that this does no harm it is not made again. */
export function stoppedFailure(
  { key, call, step }: Pick<StepState, 'key' | 'call' | 'step'>,
  why: 'cancelled' | 'timeout',
): Failure {
  if (why === 'cancelled')
    return { code: 'cancelled', retry: 'final', message: `step \`${key}\` was cancelled` };
  const bound = step.timeoutMs === undefined ? '' : `: its \`timeout\` is ${step.timeoutMs / 1_000} s`;
  const timeout = { code: 'timeout', message: `step \`${key}\` ran out of time${bound}` };
  if (!call || call.repeatable || step.idempotent) return { ...timeout, retry: 'again' };
  return {
    ...timeout,
    retry: 'final',
    hint: 'whether its call was done is unknown; where it may be made again, say `idempotent: true` or `retry: { on: [timeout] }`',
  };
}
