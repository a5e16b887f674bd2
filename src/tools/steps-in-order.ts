/** The steps of a run in the order of the definition, blocks before what is inside them. */
import type { Frame, StepState } from '../engine/core/state.ts';

export function stepsInOrder(frame: Frame): readonly StepState[] {
  return [...frame.children.values()].flatMap((step) => [
    step,
    ...(step.body ? stepsInOrder(step.body) : []),
  ]);
}
