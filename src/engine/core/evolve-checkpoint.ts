/** Checkpoint events of the transition table, and which files the steps have changed. */
import type { Entry, Event, EventOf } from './events.ts';
import type { Json } from './model.ts';
import type { ChangeNote, CheckpointTaken } from './rollback-events.ts';
import type { CheckpointState } from './rollback-state.ts';
import { sameJson } from './same-json.ts';
import { sameStep } from './same-step.ts';
import type { RunState } from './state.ts';
import type { StepState } from './step-state.ts';
import { isBuiltUpon } from './unwind.ts';

export function evolveCheckpoint(run: RunState, entry: Entry, event: Event): string | undefined {
  switch (event.type) {
    case 'checkpoint.taken':
      return event.why === 'rescue' ? rescued(run, entry, event) : taken(run, entry, event);
    case 'checkpoint.skipped':
      return skipped(run, event);
    default:
      return `\`${event.type}\` is not a checkpoint event`;
  }
}

const stateOf = (
  entry: Entry,
  taken: CheckpointTaken,
  more?: Pick<CheckpointState, 'step' | 'older'>,
): CheckpointState => ({
  id: taken.checkpoint,
  seq: entry.seq,
  at: entry.at,
  taken,
  ...more,
  restored: false,
});

function taken(run: RunState, entry: Entry, event: CheckpointTaken): string | undefined {
  if (run.unwind) return 'the run is being rolled back';
  const step = run.byKey.get(event.step ?? '');
  if (!step) return `step \`${event.step ?? ''}\` is not in this run`;
  const before = run.checkpoints.get(event.checkpoint);
  if (before && before.taken.step !== event.step)
    return `checkpoint \`${event.checkpoint}\` belongs to step \`${before.taken.step}\``;
  // what came after the one before has to go back to that one
  const older = before && isBuiltUpon(run, before) ? { older: before } : {};
  if (event.changes) account(run, event.changes.beside ?? [], false, event.changes);
  run.checkpoints.delete(event.checkpoint);
  run.checkpoints.set(event.checkpoint, stateOf(entry, event, { step, ...older }));
  return undefined;
}

function rescued(run: RunState, entry: Entry, event: CheckpointTaken): string | undefined {
  const { unwind } = run;
  if (run.phase !== 'unwind' || !unwind) return 'no rollback is under way';
  if (!unwind.owesRescue) return 'no files are about to be restored';
  unwind.owesRescue = false;
  unwind.rescue = stateOf(entry, event);
  run.rescue = unwind.goesOn?.rescue ?? unwind.rescue;
  if (event.changes) account(run, [...run.unaccounted], false, event.changes);
  return undefined;
}

function skipped(run: RunState, event: EventOf<'checkpoint.skipped'>): string | undefined {
  if (run.unwind) return 'the run is being rolled back';
  run.checkpointSkipped = event.reason;
  return undefined;
}

/** An undo speaks of the inputs that its step began with, also when the run has others by then. */
export function pinInputs(run: RunState, step: StepState): void {
  const before = step.seq === undefined ? run.forgotten.get(step.key) : step;
  // runs that a step has started are all taken back
  if (before?.step.undo && !before.innerRuns && isOther(run, before, step)) run.superseded.add(step.key);
  step.inputs = run.inputs;
}

/** Whether the step is about to do something else than it did before: then one undo cannot take back both. */
function isOther(run: RunState, before: StepState, step: StepState): boolean {
  const { inputs, seq, status } = before;
  if (seq === undefined || status === 'undone') return false;
  const isSame = before === step || (sameStep(before.step, step.step) && sameItem(before, step));
  return !isSame || (inputs !== undefined && !sameJson(inputs, run.inputs));
}

/** By what they loop over; items too long for an event are the same when they are in the same blob. */
function sameItem(a: StepState, b: StepState): boolean {
  const [left, right] = [itemOf(a), itemOf(b)];
  return left === right || (left !== undefined && right !== undefined && sameJson(left, right));
}

function itemOf(step: StepState): Json | undefined {
  let at: StepState | undefined = step;
  while (at && !at.frame.items) at = at.frame.owner;
  const { items = [] } = at?.frame ?? {};
  const index = at?.indices.at(-1) ?? 0;
  return 'blob' in items ? `${items.blob} ${index}` : items[index];
}

/** What a step's end says about files; `isLater`: nobody has looked yet. */
export function recordChanges(
  run: RunState,
  step: StepState,
  note: ChangeNote | undefined,
  isLater: boolean | undefined,
): void {
  if (isLater || note?.unknown !== undefined) run.unaccounted.add(step.key);
  if (!note) return;
  step.changes = note;
  const byUndo = step.frame.root === 'undo';
  if (note.unknown === undefined) account(run, [step.key, ...(note.beside ?? [])], byUndo, note);
}

/** A look has found what these steps of the run have changed; no steps: somebody else. */
export function account(run: RunState, steps: readonly string[], byUndo: boolean, note: ChangeNote): void {
  for (const key of steps) run.unaccounted.delete(key);
  if (note.list !== undefined) run.changes.push({ seq: run.seq + 1, steps, byUndo, note });
}
