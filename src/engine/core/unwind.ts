/**
 * What taking a run back consists of, last started first. Says nothing about how a step is undone.
 * 1. A step that never started is never in it, one that is undone already neither.
 * 2. A restore stands after every step that started behind its checkpoint, and before all others.
 */
import type { CheckpointState, StepItem, UnwindItem } from './rollback-state.ts';
import { checkpointsOf } from './rollback-state.ts';
import type { RunState } from './state.ts';
import type { StepState } from './step-state.ts';

/** Tasks whose effects may still be there, last started first: of the whole run, or since the checkpoint. */
function performed(run: RunState, since?: CheckpointState): readonly StepState[] {
  const gone = [...run.forgotten.values()].filter(({ key }) => !isPerformed(run.byKey.get(key)));
  const steps = [...gone, ...run.byKey.values()].filter(isPerformed);
  const wanted = since ? steps.filter((step) => touchedSince(step, since.seq)) : steps;
  return wanted.sort((a, b) => seqOf(b) - seqOf(a));
}

const isPerformed = (step: StepState | undefined): boolean =>
  step !== undefined &&
  step.layer === 'task' &&
  step.frame.root === 'steps' &&
  step.seq !== undefined &&
  step.status !== 'undone';

const seqOf = (step: StepState): number => step.seq ?? 0;

/** Started after that place in the journal, or still under way there. */
export const touchedSince = (step: StepState, seq: number): boolean =>
  seqOf(step) > seq || (step.endSeq ?? Number.POSITIVE_INFINITY) > seq;

/** Something was done behind the checkpoint that has not been taken back. */
export const isBuiltUpon = (run: RunState, checkpoint: CheckpointState): boolean =>
  performed(run, checkpoint).length > 0 ||
  run.changes.some(({ seq, steps, byUndo }) => seq > checkpoint.seq && steps.length > 0 && !byUndo);

/** Everything that going back means, in order; all items pending. */
export function unwindItems(run: RunState, target?: CheckpointState): readonly UnwindItem[] {
  const checkpoints = restorable(run, target);
  const lines: (StepState | CheckpointState)[] = [];
  let next = 0;
  for (const step of performed(run, target)) {
    for (; isBehind(checkpoints[next], step, target); next += 1) lines.push(checkpoints[next]!);
    lines.push(step);
  }
  lines.push(...checkpoints.slice(next));
  const cover: Cover = {
    oldestWhole: checkpoints.findLast(({ taken }) => !taken.partial),
    own: new Set(checkpoints.flatMap((each) => each.step ?? [])),
  };
  return needed(lines).map((line, index): UnwindItem => {
    const order = index + 1;
    if ('taken' in line) return { kind: 'restore', order, checkpoint: line, status: 'pending' };
    return { kind: kindOf(line, cover), order, step: line, status: 'pending' };
  });
}

/** Going back to one checkpoint ends with it, whatever was under way when it was taken. */
function isBehind(
  checkpoint: CheckpointState | undefined,
  step: StepState,
  target?: CheckpointState,
): boolean {
  return checkpoint !== undefined && checkpoint !== target && checkpoint.seq > seqOf(step);
}

/** Checkpoints whose files are to come back, newest first. */
function restorable(run: RunState, target?: CheckpointState): readonly CheckpointState[] {
  return [...checkpointsOf(run)]
    .filter((each) => !each.restored && (target === undefined || each.seq >= target.seq))
    .sort((a, b) => b.seq - a.seq);
}

/** What brings the files of steps back. */
interface Cover {
  readonly oldestWhole: CheckpointState | undefined;
  /** Steps with a checkpoint of their own, whatever it covers. */
  readonly own: ReadonlySet<StepState>;
}

function kindOf(step: StepState, { oldestWhole, own }: Cover): StepItem['kind'] {
  if (step.step.undo) return 'undo';
  if (step.step.irreversible !== undefined) return 'irreversible';
  const { effects = 'workspace' } = step.step;
  if (effects === 'none') return 'nothing';
  const isCovered = own.has(step) || (oldestWhole !== undefined && oldestWhole.seq < seqOf(step));
  return effects === 'workspace' && isCovered ? 'files' : 'uncovered';
}

/** A restore that an older one of the same files makes up for, with no undo in between, is left out. */
function needed(lines: readonly (StepState | CheckpointState)[]): readonly (StepState | CheckpointState)[] {
  const kept: (StepState | CheckpointState)[] = [];
  let older: CheckpointState | undefined;
  for (const line of [...lines].reverse()) {
    if (!('taken' in line)) {
      if (line.step.undo) older = undefined;
    } else {
      if (older && makesUpFor(older, line)) continue;
      older = line;
    }
    kept.push(line);
  }
  return kept.reverse();
}

function makesUpFor(older: CheckpointState, newer: CheckpointState): boolean {
  const isWhole = older.taken.why !== 'automatic' || newer.taken.why === 'automatic';
  const sameScope = JSON.stringify(older.taken.scope) === JSON.stringify(newer.taken.scope);
  return isWhole && sameScope && (newer.taken.captures ?? 0) === 0;
}
