/**
 * Back at a checkpoint: every step that had begun or ended since has been taken back, and becomes pending again.
 * What had ended before stays as it is. Called by `evolve` when the unwind of strategy `checkpoint` is over.
 */
import {
  blocksAround,
  countAnew,
  forgetCleanup,
  forgetUndos,
  reset,
  resetLaterInLoop,
  reviveBlock,
} from './reset.ts';
import type { ChangeRecord, CheckpointState } from './rollback-state.ts';
import type { RunState, StepState } from './state.ts';
import { isSettledWell } from './state.ts';
import { touchedSince } from './unwind.ts';

/** @param at when it came back; block timeouts start anew from here */
export function rewind(run: RunState, target: CheckpointState, at: number): void {
  if (run.unwound) forgetUndos(run, run.unwound);
  forgetCleanup(run);
  dropAfter(run, target);
  const after = [...run.byKey.values()].filter((step) => isAfter(step, target.seq));
  const around = new Set<StepState>();
  // nothing of what was taken back may be undone once more
  for (const step of after) if (step.status === 'undone') delete step.seq;
  for (const step of after) {
    if (run.byKey.get(step.key) !== step) continue;
    if (!step.body || (step.seq ?? 0) > target.seq) putBack(run, step, around);
    else if (!isSettledWell(step.status)) around.add(step);
  }
  for (const block of around) {
    if (block.status === 'pending' || run.byKey.get(block.key) !== block) continue;
    dropLaterRounds(run, block);
    reviveBlock(run, block, at);
  }
  run.phase = 'steps';
  countAnew(run);
}

function putBack(run: RunState, step: StepState, around: Set<StepState>): void {
  for (const block of blocksAround(step)) around.add(block);
  dropLaterRounds(run, step);
  reset(run, step);
  if (step.layer !== 'task') delete step.seq;
}

/** Also those that were about to begin. */
function dropLaterRounds(run: RunState, round: StepState): void {
  if (round.frame.owner?.layer === 'repeat') resetLaterInLoop(run, round, round.frame);
}

function isAfter(step: StepState, seq: number): boolean {
  if (step.frame.root !== 'steps') return false;
  if (step.status === 'undone' || step.status === 'undo_failed') return true;
  return (step.seq !== undefined || step.endSeq !== undefined) && touchedSince(step, seq);
}

/** A checkpoint that was taken again is the one of before again. */
function dropAfter(run: RunState, target: CheckpointState): void {
  const kept: CheckpointState[] = [];
  for (const newest of run.checkpoints.values()) {
    let at: CheckpointState | undefined = newest;
    while (at && at.seq > target.seq) at = at.older;
    if (at) kept.push(at);
  }
  run.checkpoints.clear();
  for (const checkpoint of kept.sort((a, b) => a.seq - b.seq)) run.checkpoints.set(checkpoint.id, checkpoint);
  for (const [key, step] of run.forgotten) if (step.status === 'undone') run.forgotten.delete(key);
  const isKept = (record: ChangeRecord) => record.seq <= target.seq || isOlder(run, record.steps, target);
  if (run.unwound) run.unwound.dropped = run.changes.filter((record) => !isKept(record));
  run.changes.splice(0, run.changes.length, ...run.changes.filter(isKept));
}

/** What was under way at the checkpoint may have changed files before it, and said so only at its end. */
const isOlder = (run: RunState, keys: readonly string[], target: CheckpointState): boolean =>
  keys.some((key) => (run.byKey.get(key)?.seq ?? Number.POSITIVE_INFINITY) < target.seq);
