/**
 * Rescuing and restoring the files of a run that is taken back: which paths go back to which snapshot, and the events
 * that say what came of it. Only paths that a step of the run has changed are ever touched.
 */
import type { Restored, Scope, Snapshots } from '../../checkpoint/snapshot.ts';
import type { Event, EventOf } from '../core/events.ts';
import type { Failure } from '../core/failure.ts';
import { CHECKPOINT_BYTES_MAX, CHECKPOINT_FILES_MAX, CHECKPOINT_MS_MAX } from '../core/limits.ts';
import type { ChangeNote, CheckpointTaken } from '../core/rollback-events.ts';
import type { ChangeRecord, CheckpointState, RestoreItem } from '../core/rollback-state.ts';
import type { RunState } from '../core/state.ts';
import { runScript, type ScriptRun } from './run-script.ts';
import { takenEvent } from './taken-event.ts';

/** Lists of the paths that go back with the checkpoint. An automatic one leaves alone what an undo takes back. */
function listsToRestore(run: RunState, checkpoint: CheckpointState): readonly string[] {
  const isAutomatic = checkpoint.taken.why === 'automatic';
  return run.changes.flatMap((record) => {
    const isLater = record.seq > checkpoint.seq && !record.byUndo && record.steps.length > 0;
    const isWanted = isLater && !(isAutomatic && hasUndo(run, record));
    return isWanted && record.note.list !== undefined ? [record.note.list] : [];
  });
}

/** Every step that may have made the changes says how they are taken back. */
function hasUndo(run: RunState, { steps }: ChangeRecord): boolean {
  return steps.every((key) => {
    const state = run.byKey.get(key) ?? run.forgotten.get(key);
    // a run that did the work takes back its own files, and leaves those that others of this run have changed since
    return state?.step.undo !== undefined && state.innerRuns === undefined;
  });
}

const allLists = (run: RunState): readonly string[] =>
  run.changes.flatMap(({ note, steps }) =>
    note.list === undefined || steps.length === 0 ? [] : [note.list],
  );

const restoreItems = (run: RunState): readonly RestoreItem[] =>
  (run.unwind?.items ?? []).filter((item) => item.kind === 'restore');

/** What goes back with a checkpoint, and what it should look like if only the run has touched it. */
export function restoreTarget(run: RunState, checkpoint: CheckpointState) {
  return {
    snapshot: checkpoint.taken.snapshot,
    lists: listsToRestore(run, checkpoint),
    expected: { lists: allLists(run) },
  };
}

/** @param changes of steps that ended when nobody looked */
export async function rescueFiles(
  snapshots: Snapshots,
  run: RunState,
  changes: ChangeNote | undefined,
): Promise<Event> {
  const items = restoreItems(run);
  const scope = scopeOfAll(items.map(({ checkpoint }) => checkpoint.taken.scope));
  const budget = { bytes: CHECKPOINT_BYTES_MAX, files: CHECKPOINT_FILES_MAX, ms: CHECKPOINT_MS_MAX };
  const taken = await snapshots.take({ runId: run.runId, scope, budget, captures: [] });
  if (!taken.ok) return stuck(`the files could not be rescued before the restore: ${taken.error.message}`);
  const conflicts = await conflictsWith(snapshots, changes ? seenLast(run, changes) : run, items);
  if ('message' in conflicts) return stuck(conflicts.message);
  return {
    ...takenEvent(`rescue-${run.seq + 1}`, 'rescue', scope, taken.value),
    ...(changes && { changes }),
    ...(conflicts.count > 0 && { conflicts }),
  };
}

/** With what nobody had looked at before: it is the run's own, though the journal does not say so yet. */
const seenLast = (run: RunState, note: ChangeNote): RunState => ({
  ...run,
  changes: [...run.changes, { seq: run.seq + 1, steps: [...run.unaccounted], byUndo: false, note }],
});

const stuck = (reason: string): EventOf<'run.finished'> => ({
  type: 'run.finished',
  status: 'stuck',
  reason: `the rollback could not begin: ${reason}`,
});

type Conflicts = NonNullable<CheckpointTaken['conflicts']>;

async function conflictsWith(
  snapshots: Snapshots,
  run: RunState,
  items: readonly RestoreItem[],
): Promise<Conflicts | Failure> {
  let all: Conflicts = { count: 0, shown: [] };
  for (const { checkpoint } of items) {
    const plan = await snapshots.plan(restoreTarget(run, checkpoint), { diffBytesMax: 0 });
    if (!plan.ok) return plan.error;
    // the oldest checkpoint reaches furthest: its list holds what the newer ones hold
    if (plan.value.conflicts.count >= all.count) all = plan.value.conflicts;
  }
  return all;
}

/** One scope over all: where they leave out different things, nothing is left out. */
function scopeOfAll(scopes: readonly Scope[]): Scope {
  const [first, ...others] = scopes;
  if (!first) return { roots: [], exclude: [], base: '/' };
  const same = others.every((scope) => JSON.stringify(scope) === JSON.stringify(first));
  if (same) return first;
  const roots = [...new Set(scopes.flatMap((scope) => scope.roots))].sort();
  const outer = roots.filter(
    (root) => !roots.some((other) => other !== root && root.startsWith(`${other}/`)),
  );
  return { roots: outer, exclude: [], base: '/' };
}

export interface RestoreWish {
  readonly item: RestoreItem;
  /** An earlier host may have restored a part of it. */
  readonly isBegun: boolean;
  /** What gives captured state back, in the order of the captures. */
  readonly scripts: readonly ScriptRun[];
}

export async function restoreFiles(
  snapshots: Snapshots,
  run: RunState,
  { item: { checkpoint, operation = '' }, isBegun, scripts }: RestoreWish,
): Promise<EventOf<'restore.finished'>> {
  const target = restoreTarget(run, checkpoint);
  // others may have come since the files were rescued: undos take their time
  const plan = await snapshots.plan(target, { diffBytesMax: 0 });
  if (!plan.ok) return finished(checkpoint, NOTHING, plan.error);
  const { conflicts } = plan.value;
  const policy = run.unwind?.onConflict ?? 'stop';
  // what is half restored looks like the work of others
  if (policy === 'stop' && !isBegun && conflicts.count > 0) return refused(checkpoint, conflicts);
  const kept = policy === 'keep' ? conflicts.list : undefined;
  const request = { ...target, operation, ...(kept !== undefined && { keep: kept }) };
  const restored = await snapshots.restore(request);
  if (!restored.ok) return finished(checkpoint, NOTHING, restored.error);
  const isBack = restored.value.result === 'complete' || isAllKept(restored.value);
  if (!isBack) return finished(checkpoint, restored.value);
  return finished(checkpoint, restored.value, await giveBack(snapshots, checkpoint, scripts));
}

/** Nothing is touched while somebody else's work is in the way. */
function refused(checkpoint: CheckpointState, { count, shown }: Conflicts): EventOf<'restore.finished'> {
  const problems = shown.map(({ path, found }) => ({ path, reason: `${found} by others` }));
  return finished(
    checkpoint,
    { ...NOTHING, problems, problemCount: count },
    {
      code: 'conflict',
      retry: 'final',
      message: `${count} ${count === 1 ? 'file was' : 'files were'} changed by others while the run was taken back`,
      hint: 'roll back again and say with `on_conflict` whether to keep or to overwrite them',
    },
  );
}

const NOTHING: Restored = {
  result: 'failed',
  created: 0,
  changed: 0,
  deleted: 0,
  kept: 0,
  problems: [],
  problemCount: 0,
};

/** Captured state goes back when the files are: the commands that take it may be among them. */
async function giveBack(
  snapshots: Snapshots,
  checkpoint: CheckpointState,
  scripts: readonly ScriptRun[],
): Promise<Failure | undefined> {
  for (const [index, script] of scripts.entries()) {
    const captured = await snapshots.capture(checkpoint.taken.snapshot, index);
    if (!captured.ok) return captured.error;
    const ran = await runScript({ ...script, stdin: captured.value });
    if (!ran.ok) return ran.error;
  }
  return undefined;
}

/** Files that were to stay as others made them are no fault of the restore. */
const isAllKept = ({ result, kept, problemCount }: Restored): boolean =>
  result === 'partial' && kept > 0 && kept === problemCount;

function finished(
  checkpoint: CheckpointState,
  restored: Restored,
  failure?: Failure,
): EventOf<'restore.finished'> {
  const { result, created, changed, deleted, kept, problems, problemCount } = restored;
  const outcome = isAllKept(restored) ? 'complete' : result;
  return {
    type: 'restore.finished',
    checkpoint: checkpoint.id,
    result: outcome === 'complete' && failure ? 'partial' : outcome,
    created,
    changed,
    deleted,
    kept,
    ...(problemCount > 0 && { problems, problem_count: problemCount }),
    ...(failure && { failure }),
  };
}
