/** `step.interrupted` of the transition table: an attempt was cut off, or never was one. */
import type { Entry, EventOf, InterruptCause } from './events.ts';
import { takeAttemptBack } from './evolve-cached.ts';
import type { Failure } from './failure.ts';
import { badEnd, settle, unlist } from './frames.ts';
import type { RunState, StepState } from './state.ts';
import { performedAnew } from './step-result.ts';

export function interrupted(
  run: RunState,
  step: StepState,
  entry: Entry,
  event: EventOf<'step.interrupted'>,
): string | undefined {
  if (!run.running.has(step)) return `step \`${step.key}\` is ${step.status}, not running`;
  if (event.attempt !== step.attempt)
    return `attempt ${event.attempt} of \`${step.key}\` is not the one under way (${step.attempt})`;
  const mayHaveActed = event.cause !== 'never_started';
  if (mayHaveActed && step.step.effects !== 'none') run.unaccounted.add(step.key);
  const isPerformed = !step.isRestoring;
  if (isPerformed && mayHaveActed) performedAnew(run, step);
  else takeAttemptBack(step);
  if (step.attempt === step.attemptBase) delete step.startedAt;
  if (step.stopping || step.frame.halted) settle(run, step, 'cancelled', entry.at);
  // an undo may be repeated, and somebody waits for it
  else if (event.again || step.frame.root === 'undo') {
    unlist(run, step);
    step.status = 'pending';
    if (isPerformed) step.isCutOff = true;
    run.ready.add(step);
  } else if (step.frame.root === 'cleanup') {
    // the cleanup always runs through: it does not wait for somebody to say what happened
    step.failure = outcomeUnknown(step, event.cause);
    settle(run, step, badEnd(step), entry.at);
  } else {
    unlist(run, step);
    step.status = 'interrupted';
    run.pausing ??= outcomeUnknown(step, event.cause).message;
  }
  return undefined;
}

const outcomeUnknown = ({ key }: StepState, cause: InterruptCause): Failure => ({
  code: 'interrupted',
  retry: 'final',
  message:
    cause === 'host_died'
      ? `step \`${key}\` was making a call when its host ended; look whether it was done: resumed, the run makes it again`
      : `step \`${key}\` was interrupted by a restart of the machine; its outcome is unknown`,
});
