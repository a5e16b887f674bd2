/** When two steps are the same: all that they say, and everything in them. */
import type { Json, Step } from './model.ts';
import { sameJson } from './same-json.ts';

/** The same wherever they stand in the text. */
export const sameStep = (a: Step, b: Step): boolean =>
  sameJson(placeless(a) as unknown as Json, placeless(b) as unknown as Json);

/** Without the lines its steps stand on. */
function placeless({ line: _line, ...step }: Step): Step {
  const inside = (steps: readonly Step[]) => steps.map(placeless);
  return {
    ...step,
    ...(step.body && { body: inside(step.body) }),
    ...(step.undo && { undo: inside(step.undo) }),
    ...(step.checkpoint && {
      checkpoint: {
        ...step.checkpoint,
        ...(step.checkpoint.capture && { capture: inside(step.checkpoint.capture) }),
        ...(step.checkpoint.restore && { restore: inside(step.checkpoint.restore) }),
      },
    }),
  };
}
