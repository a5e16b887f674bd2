/**
 * `run.resumed`: makes a paused or finished run live again. Steps that ended badly become pending, and with
 * `from_step` that step and everything after it; whatever ended well before stays as it is.
 * Counters are made anew from the statuses: resuming is rare, so it may look at the whole run.
 */
import type { EventOf } from './events.ts';
import { failedItself, listOf, spawnIterations, unlist } from './frames.ts';
import type { Step } from './model.ts';
import { sameJson } from './same-json.ts';
import type { Frame, RunState, StepState } from './state.ts';
import { isSettled, isSettledWell, taskCount, taskCountOf } from './state.ts';

/** @param at when it is resumed; block timeouts start anew from here */
export function reopen(run: RunState, event: EventOf<'run.resumed'>, at: number): string | undefined {
  const from = event.from_step === undefined ? undefined : run.byKey.get(event.from_step);
  if (event.from_step !== undefined && !from) return `step \`${event.from_step}\` is not in this run`;
  if (from?.frame.root === 'cleanup') return `step \`${from.key}\` belongs to the cleanup, which always runs`;
  if (run.status === 'succeeded' && !from) return 'the run has succeeded; name the step to run again from';
  forgetCleanup(run);
  const changed = event.inputs !== undefined && !sameJson(event.inputs, run.inputs);
  if (event.inputs) run.inputs = event.inputs;
  const around = new Set(from ? blocksAround(from) : []);
  resetFailed(run, run.steps, around, at);
  if (from) resetFrom(run, from, around, at);
  if (changed) askAgain(run, at);
  delete run.cancel;
  delete run.pausing;
  delete run.reason;
  delete run.finishedAt;
  delete run.outputs;
  run.phase = 'steps';
  run.cleanupFailed = 0;
  run.closing.clear();
  for (const step of run.stopping) delete step.stopping;
  run.stopping.clear();
  reopenFrame(run, run.steps);
  recount(run);
  // a run that never began is still waiting for its host
  run.status = run.startedAt === undefined ? 'queued' : 'running';
  return undefined;
}

/** What a person has said holds for the inputs it was said about: with others the question is asked anew. */
function askAgain(run: RunState, at: number): void {
  for (const { askedOf, step } of [...run.questions.values()]) {
    if (askedOf !== 'human' || run.byKey.get(step.key) !== step || !isSettled(step.status)) continue;
    resetFrom(run, step, new Set(blocksAround(step)), at);
  }
}

function forgetCleanup(run: RunState): void {
  if (run.cleanup) forgetFrame(run, run.cleanup);
  delete run.cleanup;
}

function forgetFrame(run: RunState, frame: Frame): void {
  for (const child of frame.children.values()) forget(run, child);
}

/** The step is no longer part of the run; its row in the projections says pending until its key is used again. */
function forget(run: RunState, step: StepState): void {
  reset(run, step);
  run.byKey.delete(step.key);
}

/** Back to the state before its first attempt; attempts go on counting. */
function reset(run: RunState, step: StepState): void {
  if (step.status !== 'pending' || step.seq !== undefined) run.touched.add(step);
  unlist(run, step);
  step.status = 'pending';
  step.attemptBase = step.attempt;
  for (const field of ['failure', 'exitCode', 'outputs', 'stdout', 'stderr', 'reason', 'warnings'] as const)
    delete step[field];
  for (const field of [
    'finishedAt',
    'startedAt',
    'retryAt',
    'wakeAt',
    'timeoutAt',
    'question',
    'stopping',
  ] as const)
    delete step[field];
  if (step.layer === 'repeat') step.attempt = 0;
  if (step.body) forgetFrame(run, step.body);
  delete step.body;
  delete step.items;
  delete step.count;
}

/** The block goes on with the children it has, and its time starts anew. */
function reviveBlock(run: RunState, step: StepState, at: number): void {
  delete step.stopping;
  if (step.status === 'running') return;
  step.status = 'running';
  for (const field of ['failure', 'finishedAt', 'retryAt', 'exitCode', 'outputs'] as const)
    delete step[field];
  if (step.timeoutAt !== undefined && step.step.timeoutMs !== undefined) {
    step.timeoutAt = at + step.step.timeoutMs;
    run.timers.set(`timeout:${step.key}`, step.timeoutAt);
  }
  run.touched.add(step);
}

function resetFailed(run: RunState, frame: Frame, around: ReadonlySet<StepState>, at: number): void {
  for (const child of frame.children.values()) {
    const bad = isBad(run, child);
    if (child.body && (bad || child.status === 'running')) {
      // rounds follow one another: a `repeat` that failed begins anew
      if (child.layer === 'repeat' && bad && !around.has(child)) reset(run, child);
      else {
        resetFailed(run, child.body, around, at);
        reviveBlock(run, child, at);
      }
    } else if (bad) reset(run, child);
  }
}

/** Ended badly; or waits for an answer that can no longer be given. */
function isBad(run: RunState, step: StepState): boolean {
  if (step.status === 'waiting') return run.questions.get(step.question ?? '')?.status === 'withdrawn';
  return step.status === 'failed' || step.status === 'cancelled' || step.status === 'interrupted';
}

function* blocksAround(step: StepState): Generator<StepState> {
  for (let block = step.frame.owner; block; block = block.frame.owner) yield block;
}

/** The step and everything after it: what needs it in its list, and what needs the blocks around it. */
function resetFrom(run: RunState, from: StepState, around: ReadonlySet<StepState>, at: number): void {
  reset(run, from);
  resetAfter(run, from);
  for (const block of around) {
    // an iteration that finds its loop full runs again as a whole when its turn comes
    if (hasRoom(block)) reviveBlock(run, block, at);
    else reset(run, block);
    resetAfter(run, block);
  }
}

function hasRoom(block: StepState): boolean {
  const loop = block.frame.owner;
  if (loop?.layer !== 'foreach' || block.status === 'running') return true;
  const underWay = [...block.frame.children.values()].filter(
    (beside) => !isSettled(beside.status) && !isFresh(beside),
  );
  return underWay.length < (loop.step.foreach?.maxParallel ?? 1);
}

/** May begin when there is room for it. */
const isFresh = (step: StepState): boolean => step.status === 'pending' && step.retryAt === undefined;

/** What comes after a step in its own list or loop. */
function resetAfter(run: RunState, step: StepState): void {
  const { frame } = step;
  const list = listOf(run, frame);
  if (!list) resetLaterInLoop(run, step, frame);
  for (const id of downstreamOf(list ?? [], step.step.id)) {
    const after = frame.children.get(id);
    if (after) reset(run, after);
  }
}

/** Rounds and one-by-one iterations follow one another; iterations side by side do not. */
function resetLaterInLoop(run: RunState, step: StepState, frame: Frame): void {
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
  delete loop.retryAt;
  run.timers.drop(`round:${loop.key}`);
}

/** Ids that need `id`, directly or not. */
function downstreamOf(list: readonly Step[], id: string): ReadonlySet<string> {
  const found = new Set<string>();
  let before = -1;
  // needs may point forward or back in the list: go round until nothing is added
  while (found.size > before) {
    before = found.size;
    for (const step of list)
      if (step.needs.some((need) => need === id || found.has(need))) found.add(step.id);
  }
  return found;
}

/** Counts a frame and those below it anew, and lists what may start. */
function reopenFrame(run: RunState, frame: Frame): void {
  const loop = frame.owner?.layer === 'foreach' ? frame.owner : undefined;
  frame.halted = false;
  frame.open = 0;
  frame.soft = 0;
  delete frame.failed;
  delete frame.held;
  for (const child of frame.children.values()) {
    child.unmet = unmetNeeds(run, frame, child);
    run.ready.delete(child);
    if (child.status === 'soft_failed') frame.soft += 1;
    if (isSettled(child.status)) continue;
    if (loop && isFresh(child)) {
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

function unmetNeeds(run: RunState, frame: Frame, child: StepState): number {
  if (!listOf(run, frame)) return 0;
  return child.step.needs.filter((need) => {
    const needed = frame.children.get(need);
    return needed && !isSettledWell(needed.status);
  }).length;
}

function recount(run: RunState): void {
  run.total = taskCountOf(run.workflow.steps);
  run.soft = 0;
  run.done = 0;
  for (const step of run.byKey.values()) {
    if (step.status === 'soft_failed' && failedItself(step)) run.soft += 1;
    if (step.layer === 'task' && isSettled(step.status)) run.done += 1;
    if (step.layer === 'foreach' && step.count !== undefined) {
      run.total += (step.count - 1) * taskCount(step.step);
    }
    if (step.layer === 'repeat' && step.body)
      run.total += Math.max(0, step.body.children.size - 1) * taskCount(step.step);
    if (step.layer !== 'task' && step.status === 'skipped') run.done += taskCount(step.step);
  }
}
