/**
 * Putting steps back to where they had not begun, and counting a run anew afterwards. Used where a run goes on
 * from an earlier place: `reopen.ts` (resumed) and `rewind.ts` (back at a checkpoint).
 * What was performed and is put back without being taken back is remembered: a rollback still has to undo it.
 */
import { failedItself, listOf, spawnIterations, unlist } from './frames.ts';
import type { UnwindState } from './rollback-state.ts';
import type { Frame, LastResult, RunState, StepState } from './state.ts';
import { isOver, isSettled, isSettledWell, taskCount, taskCountOf } from './state.ts';

function forgetFrame(run: RunState, frame: Frame): void {
  for (const child of frame.children.values()) forget(run, child);
}

export function forgetCleanup(run: RunState): void {
  if (run.cleanup) forgetFrame(run, run.cleanup);
  delete run.cleanup;
  run.cleanupFailed = 0;
}

/** The steps that undid are no longer part of the run. */
export function forgetUndos(run: RunState, unwind: UnwindState): void {
  for (const item of unwind.items ?? []) {
    if (item.kind === 'restore' || !item.body) continue;
    forgetFrame(run, item.body);
    delete item.body;
  }
}

/** The step is no longer part of the run; its row in the projections says pending until its key is used again. */
export function forget(run: RunState, step: StepState): void {
  if (hasEffects(step)) run.forgotten.set(step.key, step);
  reset(run, step);
  run.byKey.delete(step.key);
}

/** Back to the state before its first attempt; attempts go on counting. */
export function reset(run: RunState, step: StepState): void {
  if (step.status !== 'pending' || step.seq !== undefined) run.touched.add(step);
  unlist(run, step);
  if (hasEffects(step)) step.before ??= lastResultOf(step);
  step.status = 'pending';
  step.attemptBase = step.attempt;
  for (const field of ['failure', 'exitCode', 'outputs', 'stdout', 'stderr', 'reason', 'warnings'] as const)
    delete step[field];
  for (const field of [
    'changes',
    'finishedAt',
    'startedAt',
    'retryAt',
    'wakeAt',
    'timeoutAt',
    'question',
    'stopping',
    'cached',
    'cacheKey',
  ] as const)
    delete step[field];
  if (step.layer === 'repeat') step.attempt = 0;
  if (step.body) forgetFrame(run, step.body);
  delete step.body;
  delete step.items;
  delete step.count;
}

/** It was performed and nobody has taken it back. */
const hasEffects = (step: StepState): boolean =>
  step.layer === 'task' && step.frame.root === 'steps' && step.seq !== undefined;

/** What an undo may still ask of it. */
const lastResultOf = (step: StepState): LastResult => ({
  ...(step.exitCode !== undefined && { exitCode: step.exitCode }),
  ...(step.outputs && { outputs: step.outputs }),
  ...(step.stdout !== undefined && { stdout: step.stdout }),
  ...(step.stderr !== undefined && { stderr: step.stderr }),
  ...(step.failure && { failure: step.failure }),
});

/** The block goes on with the children it has, and its time starts anew. */
export function reviveBlock(run: RunState, step: StepState, at: number): void {
  delete step.stopping;
  if (step.timeoutAt !== undefined && step.step.timeoutMs !== undefined) {
    step.timeoutAt = at + step.step.timeoutMs;
    run.timers.set(`timeout:${step.key}`, step.timeoutAt);
  }
  if (step.status === 'running') return;
  step.status = 'running';
  for (const field of ['failure', 'finishedAt', 'retryAt', 'exitCode', 'outputs', 'endSeq'] as const)
    delete step[field];
  run.touched.add(step);
}

export function* blocksAround(step: StepState): Generator<StepState> {
  for (let block = step.frame.owner; block; block = block.frame.owner) yield block;
}

/** May begin when there is room for it. */
export const isFresh = (step: StepState): boolean => step.status === 'pending' && step.retryAt === undefined;

/** Rounds and one-by-one iterations follow one another; iterations side by side do not. */
export function resetLaterInLoop(run: RunState, step: StepState, frame: Frame): void {
  const loop = frame.owner;
  if (!loop) return;
  const index = step.indices.at(-1) ?? 0;
  if (loop.layer === 'foreach' && loop.step.foreach?.maxParallel !== 1) return;
  for (const [slot, later] of frame.children) {
    if (Number(slot) <= index) continue;
    if (loop.layer === 'foreach') reset(run, later);
    else {
      forget(run, later);
      frame.children.delete(slot);
    }
  }
  if (loop.layer !== 'repeat') return;
  loop.attempt = index + 1;
  run.touched.add(loop);
  delete loop.retryAt;
  run.timers.drop(`round:${loop.key}`);
}

/** After steps were put back: what may start, what is open and what is done, from the statuses. */
export function countAnew(run: RunState): void {
  run.closing.clear();
  for (const step of run.stopping) delete step.stopping;
  run.stopping.clear();
  reopenFrame(run, run.steps);
  recount(run);
}

/** Counts a frame and those below it anew, and lists what may start. */
function reopenFrame(run: RunState, frame: Frame): void {
  const loop = frame.owner?.layer === 'foreach' ? frame.owner : undefined;
  frame.halted = false;
  frame.open = 0;
  frame.soft = 0;
  delete frame.failed;
  delete frame.held;
  const barred = barredIn(run, frame);
  for (const child of frame.children.values()) {
    child.unmet = unmetNeeds(run, frame, child);
    run.ready.delete(child);
    if (child.status === 'soft_failed') frame.soft += 1;
    if (isSettled(child.status)) {
      if (!isSettledWell(child.status)) frame.failed ??= child;
      continue;
    }
    if (barred.has(child) || (loop && isFresh(child))) {
      frame.held ??= new Set();
      frame.held.add(child);
      continue;
    }
    frame.open += 1;
    if (child.body && child.status === 'running') reopenFrame(run, child.body);
    else if (isFresh(child) && child.unmet === 0) run.ready.add(child);
  }
  if (loop) spawnIterations(run, loop);
  else if (frame.owner && frame.open === 0 && frame.owner.retryAt === undefined) run.closing.add(frame.owner);
}

/** What cannot run because something before it failed and stays so. */
function barredIn(run: RunState, frame: Frame): ReadonlySet<StepState> {
  const barred = new Set<StepState>();
  const isLost = (step: StepState | undefined): boolean =>
    step !== undefined &&
    (barred.has(step) ||
      step.status === 'interrupted' ||
      (isSettled(step.status) && !isSettledWell(step.status)));
  let before = -1;
  // needs may point forward or back in the list: go round until nothing is added
  while (listOf(run, frame) && barred.size > before) {
    before = barred.size;
    for (const child of frame.children.values()) {
      const waits =
        child.status === 'interrupted' || child.step.needs.some((id) => isLost(frame.children.get(id)));
      if (waits && !isSettled(child.status)) barred.add(child);
    }
  }
  return barred;
}

function unmetNeeds(run: RunState, frame: Frame, child: StepState): number {
  if (!listOf(run, frame)) return 0;
  return child.step.needs.filter((need) => {
    const needed = frame.children.get(need);
    return needed && !isSettledWell(needed.status);
  }).length;
}

/** What is done, of how much. */
export function recount(run: RunState): void {
  run.total = taskCountOf(run.workflow.steps) + (run.cleanup ? taskCountOf(run.workflow.cleanup) : 0);
  run.soft = 0;
  run.done = 0;
  for (const step of run.byKey.values()) {
    if (step.status === 'soft_failed' && failedItself(step)) run.soft += 1;
    if (step.layer === 'task' && isOver(step.status)) run.done += 1;
    if (step.layer === 'foreach' && step.count !== undefined) {
      run.total += (step.count - 1) * taskCount(step.step);
    }
    if (step.layer === 'repeat' && step.body)
      run.total += Math.max(0, step.body.children.size - 1) * taskCount(step.step);
    if (step.layer !== 'task' && step.status === 'skipped') run.done += taskCount(step.step);
  }
}
