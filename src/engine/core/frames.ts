/**
 * How steps move through opened lists: opening, finishing, halting. Called by `evolve` only.
 * Owns the counters of `state.ts` (its invariants 2 to 4); knows no event.
 */

import type { StepStatus } from './events.ts';
import { assert } from './failure.ts';
import { type Step, strategyOf } from './model.ts';
import { forgetSleep } from './sleep.ts';
import type { Frame, Layer, RunState, StepState } from './state.ts';
import { isSettled, isSettledWell, layerBelow, layersOf, stepKey, taskCount } from './state.ts';

/** Steps of one list by the id they need; computed once per list. */
const dependentsByList = new WeakMap<readonly Step[], Map<string, string[]>>();

function dependentsOf(list: readonly Step[]): Map<string, string[]> {
  let dependents = dependentsByList.get(list);
  if (!dependents) {
    dependents = new Map();
    for (const step of list) {
      for (const need of step.needs) {
        const known = dependents.get(need);
        if (known) known.push(step.id);
        else dependents.set(need, [step.id]);
      }
    }
    dependentsByList.set(list, dependents);
  }
  return dependents;
}

/** The list of steps that a frame was opened from; loops have none. */
export function listOf(run: RunState, frame: Frame): readonly Step[] | undefined {
  if (frame.owner?.layer === 'task') return frame.owner.step.undo;
  if (frame.owner) return frame.owner.layer === 'group' ? frame.owner.step.body : undefined;
  return frame.root === 'steps' ? run.workflow.steps : run.workflow.cleanup;
}

export const newFrame = (root: Frame['root'], indices: readonly number[], owner?: StepState): Frame => ({
  root,
  indices,
  children: new Map(),
  open: 0,
  halted: false,
  soft: 0,
  ...(owner && { owner }),
});

/** A step of the frame that has not begun. */
export function addChild(
  run: RunState,
  frame: Frame,
  slot: string | number,
  step: Step,
  layer: Layer,
): StepState {
  const indices = typeof slot === 'number' ? [...frame.indices, slot] : frame.indices;
  const child: StepState = {
    key: stepKey(step.id, indices),
    step,
    layer,
    indices,
    frame,
    status: 'pending',
    unmet: typeof slot === 'number' ? 0 : step.needs.length,
    attempt: 0,
    attemptBase: 0,
  };
  frame.children.set(slot, child);
  frame.open += 1;
  run.byKey.set(child.key, child);
  if (child.unmet === 0) run.ready.add(child);
  return child;
}

/** Opens a list of steps: all its children pending, those without needs ready. */
export function openList(run: RunState, frame: Frame, list: readonly Step[]): void {
  for (const step of list) addChild(run, frame, step.id, step, layersOf(step)[0] ?? 'task');
  if (frame.open === 0) frameEmptied(run, frame);
}

/** Opens the next iterations of a `foreach`, as many as may be open at once. */
export function spawnIterations(run: RunState, loop: StepState): void {
  const frame = loop.body;
  assert(frame, `loop ${loop.key} has no frame`);
  const width = loop.step.foreach?.maxParallel ?? 1;
  const layer = layerBelow(loop);
  while (!frame.halted && frame.open < width) {
    if (frame.held?.size) unhold(run, frame, frame.held);
    else if (frame.children.size < (loop.count ?? 0)) {
      addChild(run, frame, frame.children.size, loop.step, layer);
    } else break;
  }
  if (frame.open === 0) frameEmptied(run, frame);
}

/** Lets the first iteration that was held back go on. */
function unhold(run: RunState, frame: Frame, held: Set<StepState>): void {
  for (const iteration of held) {
    held.delete(iteration);
    frame.open += 1;
    run.ready.add(iteration);
    return;
  }
}

/** Opens the next round of a `repeat`. */
export function spawnRound(run: RunState, loop: StepState): void {
  assert(loop.body, `loop ${loop.key} has no frame`);
  if (loop.body.children.size > 0) run.total += taskCount(loop.step);
  run.closing.delete(loop);
  addChild(run, loop.body, loop.body.children.size, loop.step, layerBelow(loop));
}

function frameEmptied(run: RunState, frame: Frame): void {
  const undoing = frame.owner && run.unwind?.byStep.get(frame.owner);
  if (undoing?.body === frame) run.unwind?.closing.add(undoing);
  else if (frame.owner && frame.owner.status === 'running') run.closing.add(frame.owner);
}

/** Forgets everything the host had to do for a step. */
export function unlist(run: RunState, step: StepState): void {
  run.ready.delete(step);
  run.running.delete(step);
  run.delegating.delete(step);
  run.parked.delete(step);
  run.closing.delete(step);
  run.stopping.delete(step);
  for (const timer of ['round', 'wake', 'timeout']) run.timers.drop(`${timer}:${step.key}`);
  run.timers.retries.drop(step.key);
  delete step.retryAt;
  forgetSleep(run, step);
  for (const id of step.asked ?? []) withdraw(run, id);
  delete step.asked;
  if (step.question !== undefined) withdraw(run, step.question);
}

function withdraw(run: RunState, id: string): void {
  const question = run.questions.get(id);
  if (!question) return;
  run.resolved.delete(question);
  for (const timer of ['expire', 'claim']) run.timers.drop(`${timer}:${id}`);
  if (question.status !== 'open') return;
  question.status = 'withdrawn';
  run.asking -= 1;
  run.touchedQuestions.add(question);
}

/** A step has reached its end; what that sets free or stops follows at once. */
export function settle(run: RunState, step: StepState, status: StepStatus, at: number): void {
  assert(isSettled(status), `step ${step.key} cannot settle as ${status}`);
  unlist(run, step);
  step.status = status;
  step.finishedAt = at;
  step.endSeq = run.seq + 1;
  step.endStatus = status;
  run.touched.add(step);
  if (step.layer === 'task') run.done += 1;
  else if (status === 'skipped') run.done += taskCount(step.step);
  const frame = step.frame;
  frame.open -= 1;
  const isCleanup = frame.root === 'cleanup' && !frame.owner;
  if (isCleanup && !isSettledWell(status)) run.cleanupFailed += 1;
  if (status === 'soft_failed') {
    frame.soft += 1;
    if (failedItself(step)) run.soft += 1;
  }
  noteRollback(run, step);
  if (isSettledWell(status) || isCleanup) release(run, step);
  else {
    frame.failed ??= step;
    halt(run, frame);
  }
  if (frame.open === 0) frameEmptied(run, frame);
}

/** A failure for good may take the whole run back. */
function noteRollback(run: RunState, step: StepState): void {
  const strategy = strategyOf(step.step.onFailure);
  if (step.status !== 'failed' || !strategy || run.unwind || run.cancel || step.frame.root !== 'steps')
    return;
  run.rollbackDue ??= { strategy, reason: `step \`${step.key}\` failed` };
}

/** A loop that is soft only because of its iterations is not counted beside them. */
export const failedItself = (step: StepState): boolean => step.failure !== undefined;

/** Lets the dependents of a finished step, or the next iteration of its loop, go on. */
function release(run: RunState, step: StepState): void {
  const frame = step.frame;
  if (frame.halted) return;
  if (frame.owner?.layer === 'foreach') spawnIterations(run, frame.owner);
  const list = listOf(run, frame);
  if (!list) return;
  for (const id of dependentsOf(list).get(step.step.id) ?? []) {
    const dependent = frame.children.get(id);
    if (!dependent) continue;
    dependent.unmet -= 1;
    if (dependent.unmet === 0 && dependent.status === 'pending') run.ready.add(dependent);
  }
}

/** Nothing new starts in the frame or below it. What runs is left alone; what only sleeps or asks is ended. */
export function halt(run: RunState, frame: Frame): void {
  if (frame.halted) return;
  frame.halted = true;
  const { held } = frame;
  delete frame.held;
  for (const child of frame.children.values()) {
    // a block whose children have all finished has nothing left to stop; a `repeat` might want another round
    if (run.closing.has(child) && child.layer !== 'repeat') continue;
    if (child.body && child.status === 'running') haltBlock(run, child, child.body);
    if (run.parked.has(child)) {
      child.stopping ??= 'cancelled';
      run.stopping.add(child);
    }
    if (child.status !== 'pending' && child.status !== 'interrupted') continue;
    if (held?.has(child)) continue;
    unlist(run, child);
    frame.open -= 1;
    if (child.status === 'interrupted') endWithoutEvent(run, child, 'cancelled');
    // an attempt failed and its retry will not come: the failure stands
    else if (child.failure) endWithoutEvent(run, child, badEnd(child));
  }
  if (frame.open === 0) frameEmptied(run, frame);
}

/** Halts what is in a block. A `repeat` that waits for its next round has nothing open: it closes now. */
export function haltBlock(run: RunState, block: StepState, body: Frame): void {
  halt(run, body);
  run.timers.drop(`round:${block.key}`);
  delete block.retryAt;
}

/** What a failure makes of a step. */
export const badEnd = (step: StepState): 'failed' | 'soft_failed' =>
  step.step.onFailure === 'continue' ? 'soft_failed' : 'failed';

function endWithoutEvent(
  run: RunState,
  step: StepState,
  status: 'failed' | 'soft_failed' | 'cancelled',
): void {
  step.status = status;
  step.endSeq = run.seq + 1;
  step.endStatus = status;
  run.done += 1;
  if (status === 'soft_failed') {
    step.frame.soft += 1;
    run.soft += 1;
  }
  noteRollback(run, step);
  run.touched.add(step);
}

/** Every task below the frame that has an attempt under way. */
export function* activeTasks(frame: Frame): Generator<StepState> {
  for (const child of frame.children.values()) {
    if (child.layer === 'task') {
      if (child.status === 'running' || child.status === 'waiting') yield child;
    } else if (child.body && child.status === 'running') yield* activeTasks(child.body);
  }
}
