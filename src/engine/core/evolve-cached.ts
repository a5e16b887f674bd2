/**
 * `step.cached` of the transition table, and attempts that bring back what a cache kept instead of performing.
 * 1. Such an attempt does not count: however it ends, the step stands as if it had never started, but for the files
 *    that it has changed.
 */
import type { Entry, EventOf } from './events.ts';
import { takeArtifacts } from './evolve-artifact.ts';
import { settle } from './frames.ts';
import type { RunState, StepState } from './state.ts';
import { takeResult } from './step-result.ts';

export function cached(
  run: RunState,
  step: StepState,
  entry: Entry,
  event: EventOf<'step.cached'>,
): string | undefined {
  if (step.layer !== 'task') return `step \`${step.key}\` is a block, not a task`;
  const isFirst = run.ready.has(step) && step.attempt === step.attemptBase;
  if (!isFirst && !(step.isRestoring && run.running.has(step)))
    return `step \`${step.key}\` is ${step.status}, not ready`;
  if (step.isRestoring) takeAttemptBack(step);
  takeResult(run, step, event);
  takeArtifacts(run, entry, event.artifacts, step.key);
  delete step.failure;
  step.cached = event.from;
  settle(run, step, 'cached', entry.at);
  return undefined;
}

/** The attempt never was one. */
export function takeAttemptBack(step: StepState): void {
  step.attempt -= 1;
  delete step.seq;
  Object.assign(step, step.previous);
  delete step.isRestoring;
  delete step.call;
}
