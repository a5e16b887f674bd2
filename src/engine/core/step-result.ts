/** What the end of an attempt leaves in the state of its step. Called by the parts of `evolve` only. */
import type { EventOf } from './events.ts';
import { recordChanges } from './evolve-checkpoint.ts';
import { keptBytes } from './kept-bytes.ts';
import type { RunState, StepState } from './state.ts';

/** Its last attempt has had its effects: what an earlier life of the step left counts no more. */
export function performedAnew(run: RunState, step: StepState): void {
  delete step.before;
  if (step.layer === 'task' && step.frame.root === 'steps') run.forgotten.delete(step.key);
}

/** What the end of a step, or of an earlier one that stands for it, leaves behind. */
export function takeResult(
  run: RunState,
  step: StepState,
  event: EventOf<'step.succeeded' | 'step.failed' | 'step.cached'>,
): void {
  recordChanges(run, step, event.changes, event.changes_later);
  run.outputBytes += keptBytes(event);
  if (event.outputs !== undefined) step.outputs = event.outputs;
  if (event.exit_code !== undefined) step.exitCode = event.exit_code;
  if (event.stdout !== undefined) step.stdout = event.stdout;
  if (event.stderr !== undefined) step.stderr = event.stderr;
}
