/** What one step would do, for a dry run: asked of its type in the scope of a run that has not begun. */

import { newFrame } from '../core/frames.ts';
import type { JsonObject, Step, Workflow } from '../core/model.ts';
import { layersOf, newRunState, type StepState } from '../core/state.ts';
import type { PlannedAction, StepType } from '../core/step-type.ts';
import { masked } from './mask.ts';
import { stepContext } from './step-context.ts';

export interface PlanRequest {
  readonly workflow: Workflow;
  readonly digest: string;
  readonly inputs: JsonObject;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
  readonly nowMs: number;
  readonly step: Step;
  readonly type: StepType;
}

/** Earlier steps have no results yet: an expression that needs one is reported as not known. */
export function planStep(request: PlanRequest): PlannedAction {
  const { workflow, digest, inputs, cwd, env, nowMs, step, type } = request;
  const run = newRunState({
    runId: 'dry-run',
    workflow,
    digest,
    source: 'dry-run',
    cwd,
    env,
    createdAt: nowMs,
    createdBy: 'dry-run',
    inputs,
  });
  const state: StepState = {
    key: step.id,
    step,
    layer: layersOf(step).at(-1) ?? 'task',
    indices: [],
    frame: newFrame('steps', []),
    status: 'pending',
    unmet: 0,
    attempt: 0,
    attemptBase: 0,
  };
  const source = { run, nowMs, blob: () => undefined };
  return masked(workflow, type.plan?.(stepContext(source, state, 1)) ?? { does: type.summary });
}
