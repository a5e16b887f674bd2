/**
 * What one step would do, for a dry run: asked of its type in the scope of a run that has not begun.
 * Owns where a step of a plan stands: in a loop it is shown with the first item, where the items can be known.
 */
import { evaluate } from '../../definition/expression/evaluate.ts';
import { newFrame } from '../core/frames.ts';
import type { Json, Step } from '../core/model.ts';
import { type Frame, type Layer, layersOf, type RunState, type StepState } from '../core/state.ts';
import type { PlannedAction, StepType } from '../core/step-type.ts';
import { masked } from './mask.ts';
import { stepContext } from './step-context.ts';
import { type ScopeSource, scopeAt } from './step-scope.ts';

export interface PlanPlace {
  readonly source: ScopeSource;
  /** The list of steps, or the iteration, that the step belongs to. */
  readonly frame: Frame;
}

/** Among the steps of a run that has not begun. */
export const placeInRun = (run: RunState, nowMs: number, root: 'steps' | 'cleanup'): PlanPlace => ({
  source: { run, nowMs, blob: () => undefined, isPlan: true },
  frame: newFrame(root, []),
});

/** Earlier steps have no results yet: an expression that needs one is reported as not known before the run. */
export function planStep({ source, frame }: PlanPlace, step: Step, type: StepType): PlannedAction {
  const context = stepContext(source, stateIn(frame, step, layersOf(step).at(-1) ?? 'task'), 1);
  return masked(source.run.workflow, type.plan?.(context) ?? { does: type.summary });
}

/**
 * Where the first iteration of a step's loop stands, and of how many; the place itself where there is no loop.
 * Where the items are not known, or there are none, it stands in no loop at all: an outer one has items of the same name.
 */
export function placeOfFirst(
  { source, frame }: PlanPlace,
  step: Step,
): { readonly place: PlanPlace; readonly count?: number } {
  if (!step.foreach) return { place: { source, frame } };
  const loop = stateIn(frame, step, 'foreach');
  const items = itemsOf(source, loop);
  if (!items || items.length === 0) return { place: { source, frame: newFrame(frame.root, []) } };
  const inLoop = newFrame(frame.root, frame.indices, loop);
  inLoop.items = items;
  return { place: { source, frame: inLoop }, count: items.length };
}

/** Where the steps of a block stand. */
export function placeInside({ source, frame }: PlanPlace, block: Step): PlanPlace {
  const group = stateIn(frame, block, 'group');
  return { source, frame: newFrame(frame.root, group.indices, group) };
}

function itemsOf(source: ScopeSource, loop: StepState): readonly Json[] | undefined {
  const { items = [] } = loop.step.foreach ?? {};
  if (typeof items !== 'string') return items;
  const found = evaluate(items, scopeAt(source, loop));
  return found.ok && Array.isArray(found.value) ? found.value : undefined;
}

const stateIn = (frame: Frame, step: Step, layer: Layer): StepState => ({
  key: step.id,
  step,
  layer,
  indices: frame.owner?.layer === 'foreach' ? [...frame.indices, 0] : frame.indices,
  frame,
  status: 'pending',
  unmet: 0,
  attempt: 0,
  attemptBase: 0,
});
