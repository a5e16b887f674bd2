/** How many steps with a tag may be under way at once in a run: counted anew for each decision, from what runs. */
import type { RunState, StepState } from './state.ts';

/** Ready, but it has to wait for something else than a slot. */
export type IsHeld = (step: StepState) => boolean;

/**
 * Holds steps back whose tags have no place left. To ask is to take: a step that is not held is counted as under way.
 * @param isHeld what else holds steps; a step that it holds takes no place
 */
export function heldByTags(run: RunState, isHeld: IsHeld): IsHeld {
  const { limits } = run.workflow;
  if (!limits) return isHeld;
  const left = new Map(Object.entries(limits));
  const take = ({ step }: StepState) => {
    for (const tag of step.tags ?? []) if (left.has(tag)) left.set(tag, (left.get(tag) ?? 0) - 1);
  };
  for (const step of run.running) take(step);
  return (step) => {
    const isFull = (step.step.tags ?? []).some((tag) => (left.get(tag) ?? 1) <= 0);
    if (isFull || isHeld(step)) return true;
    take(step);
    return false;
  };
}
