/** What became of a loop's iterations, in numbers: a loop of thousands is not shown one by one. */
import type { StepState } from '../engine/core/state.ts';
import type { StepView } from './run-view-schema.ts';

/** Undefined for a step that is no loop, or has not been opened. */
export function iterationCounts(step: StepState): StepView['iterations'] {
  if (!step.body || (step.layer !== 'foreach' && step.layer !== 'repeat')) return undefined;
  const known = step.body.children;
  const total = step.count ?? known.size;
  const counts: { total: number; [status: string]: number } = { total };
  for (const { status } of known.values()) counts[status] = (counts[status] ?? 0) + 1;
  const unopened = total - known.size;
  if (unopened > 0) counts.pending = (counts.pending ?? 0) + unopened;
  return counts;
}
