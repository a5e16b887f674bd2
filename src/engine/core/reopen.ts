/**
 * `run.resumed`: makes a paused or finished run live again. Steps that ended badly become pending, and with
 * `from_step` that step and everything after it; whatever ended well before stays as it is.
 * Counters are made anew from the statuses: resuming is rare, so it may look at the whole run.
 */
import type { EventOf } from './events.ts';
import { isFinal } from './events.ts';
import { listOf } from './frames.ts';
import type { Step, Workflow } from './model.ts';
import { redefine } from './redefine.ts';
import {
  blocksAround,
  countAnew,
  forgetCleanup,
  isFresh,
  reset,
  resetLaterInLoop,
  reviveBlock,
} from './reset.ts';
import { checkpointsOf, isHalfBack } from './rollback-state.ts';
import { sameJson } from './same-json.ts';
import type { Frame, RunState, StepState } from './state.ts';
import { isSettled } from './state.ts';

/** @param at when it is resumed; block timeouts start anew from here */
export function reopen(run: RunState, event: EventOf<'run.resumed'>, at: number): string | undefined {
  if (!isFinal(run.status) && run.status !== 'paused') return takeSecrets(run, event);
  const definition = event.definition as unknown as Workflow | undefined;
  const from = event.from_step === undefined ? undefined : run.byKey.get(event.from_step);
  if (event.from_step !== undefined && !from) return `step \`${event.from_step}\` is not in this run`;
  if (event.only && !from) return '`only` needs the step to run again from: `from_step`, or `--from`';
  if (from?.frame.root === 'cleanup') return `step \`${from.key}\` belongs to the cleanup, which always runs`;
  if (run.status === 'succeeded' && !from && !definition)
    return 'the run has succeeded; name the step to run again from';
  if (run.status === 'stuck' && run.unwound && isHalfBack(run.unwound))
    return 'its rollback has not finished; roll it back again';
  if (event.secrets) run.secrets = event.secrets;
  forgetCleanup(run);
  for (const checkpoint of checkpointsOf(run)) checkpoint.restored = false;
  const changed = event.inputs !== undefined && !sameJson(event.inputs, run.inputs);
  if (event.inputs) run.inputs = event.inputs;
  const anew = definition ? redefine(run, definition, event.digest ?? '') : [];
  // by its key: another definition may have another step there
  const again = from && run.byKey.get(from.key);
  const around = new Set([...anew, ...(again ? [again] : [])].flatMap((step) => [...blocksAround(step)]));
  if (!event.only) resetFailed(run, run.steps, around, at);
  for (const step of anew) resetFrom(run, step, new Set(blocksAround(step)), at);
  if (again) resetFrom(run, again, new Set(blocksAround(again)), at);
  if (changed) askAgain(run, at);
  delete run.cancel;
  delete run.pausing;
  delete run.rollbackDue;
  delete run.reason;
  delete run.finishedAt;
  delete run.outputs;
  run.phase = 'steps';
  countAnew(run);
  // a run that never began is still waiting for its host
  run.status = run.startedAt === undefined ? 'queued' : 'running';
  return undefined;
}

/** A run under way goes on as it stands: it is only told which values its variables have now. */
function takeSecrets(run: RunState, event: EventOf<'run.resumed'>): string | undefined {
  if (!event.secrets || event.inputs || event.from_step !== undefined)
    return `\`run.resumed\` cannot happen to a run that is ${run.status}`;
  run.secrets = event.secrets;
  return undefined;
}

/** What a person has said holds for the inputs it was said about: with others the question is asked anew. */
function askAgain(run: RunState, at: number): void {
  for (const { askedOf, step } of [...run.questions.values()]) {
    if (askedOf !== 'human' || run.byKey.get(step.key) !== step || !isSettled(step.status)) continue;
    resetFrom(run, step, new Set(blocksAround(step)), at);
  }
}

function resetFailed(run: RunState, frame: Frame, around: ReadonlySet<StepState>, at: number): void {
  for (const child of frame.children.values()) {
    const bad = isBad(run, child);
    const isLive = bad || child.status === 'running';
    if (child.body && (isLive || around.has(child))) {
      // rounds follow one another: a `repeat` that failed begins anew
      if (child.layer === 'repeat' && bad && !around.has(child)) reset(run, child);
      else {
        resetFailed(run, child.body, around, at);
        if (isLive) reviveBlock(run, child, at);
      }
    } else if (bad) reset(run, child);
  }
}

/** Ended badly; or waits for an answer that can no longer be given. */
function isBad(run: RunState, step: StepState): boolean {
  if (step.status === 'waiting') return run.questions.get(step.question ?? '')?.status === 'withdrawn';
  return step.status === 'failed' || step.status === 'cancelled' || step.status === 'interrupted';
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
