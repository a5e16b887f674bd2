/**
 * A run that is resumed with another definition: steps that are the same in both keep what they have, a changed or new
 * one begins anew with everything after it, and one that is gone is forgotten. What was performed by an earlier
 * definition is still taken back as that one says.
 * Called by `reopen` only, before it puts back what failed.
 */
import { addChild } from './frames.ts';
import type { Step, Workflow } from './model.ts';
import { forget } from './reset.ts';
import { sameStep } from './same-step.ts';
import { type Frame, layersOf, type RunState, type StepState } from './state.ts';

/** Ids of the steps that are new or not the same, in the order of the new definition; a group is looked into. */
export function changedSteps(before: readonly Step[], after: readonly Step[]): readonly string[] {
  const known = new Map(before.map((step) => [step.id, step]));
  return after.flatMap((step) => {
    const old = known.get(step.id);
    if (old && sameStep(old, step)) return [];
    return old && isSameGroup(old, step) ? changedSteps(old.body ?? [], step.body ?? []) : [step.id];
  });
}

/** @returns the steps that begin anew by themselves; what comes after them is the caller's */
export function redefine(run: RunState, workflow: Workflow, digest: string): readonly StepState[] {
  const anew: StepState[] = [];
  run.earlierDigests.push(run.digest);
  run.workflow = workflow;
  run.digest = digest;
  redefineFrame(run, run.steps, workflow.steps, anew);
  return anew;
}

function redefineFrame(run: RunState, frame: Frame, list: readonly Step[], anew: StepState[]): void {
  const old = new Map(frame.children);
  frame.children.clear();
  for (const step of list) {
    const child = old.get(step.id);
    old.delete(step.id);
    if (child && sameStep(child.step, step)) {
      child.step = step;
      relink(child, step);
      frame.children.set(step.id, child);
    } else if (child && isSameGroup(child.step, step)) {
      child.step = step;
      frame.children.set(step.id, child);
      if (child.body) redefineFrame(run, child.body, step.body ?? [], anew);
    } else {
      if (child) forget(run, child);
      const added = addChild(run, frame, step.id, step, layersOf(step)[0] ?? 'task');
      // attempts go on counting: no two of them have one name
      added.attempt = child?.attempt ?? 0;
      added.attemptBase = added.attempt;
      anew.push(added);
    }
  }
  for (const gone of old.values()) forget(run, gone);
}

/** The same steps, as the new definition has them. */
function relink(state: StepState, step: Step): void {
  for (const [slot, child] of state.body?.children ?? []) {
    const inside = typeof slot === 'number' ? step : step.body?.find(({ id }) => id === slot);
    if (!inside) continue;
    child.step = inside;
    relink(child, inside);
  }
}

/** Groups that differ in what is inside only; a loop is what its steps are. */
const isSameGroup = (a: Step, b: Step): boolean =>
  a.body !== undefined &&
  b.body !== undefined &&
  layersOf(a).length === 1 &&
  layersOf(b).length === 1 &&
  sameStep({ ...a, body: [] }, { ...b, body: [] });
