/**
 * A task read from the journal of its run: there is no other store. It ends where the call would have answered for good:
 * at the first event after its beginning that leaves the run finished or paused. What happens to the run later belongs to
 * other calls, so an ended task never changes again.
 */
import { isFinal, type JournalEvent } from '../../engine/core/events.ts';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import type { Journal } from '../../engine/core/ports.ts';
import type { RunState } from '../../engine/core/state.ts';
import { foldEvents, type LoadProblem } from '../../engine/host/load-run.ts';
import type { TaskRef } from './task-id.ts';

export interface RunTask {
  readonly ref: TaskRef;
  /** As it was when the task ended, else as it is. */
  readonly run: RunState;
  /** Who made the call. */
  readonly owner: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly isOver: boolean;
  /** Nothing has happened to the run since. */
  readonly isLatest: boolean;
}

export function loadTask(journal: Journal, ref: TaskRef): Result<RunTask, LoadProblem> {
  const read = journal.read(ref.runId);
  if (!read.ok) return err({ code: 'corrupt', message: read.error.message });
  const events = read.value;
  const first = events[ref.from - 1];
  const owner = first && ownerOf(first);
  if (owner === undefined)
    return err({ code: 'unknown_run', message: `run \`${ref.runId}\` is not known here` });
  let folded = foldEvents(events.slice(0, ref.from));
  let next = ref.from;
  while (folded.ok && next < events.length && !rests(folded.value)) {
    folded = foldEvents(events.slice(next, next + 1), folded.value);
    next += 1;
  }
  if (!folded.ok) return folded;
  return ok({
    ref,
    run: folded.value,
    owner,
    createdAt: first?.at ?? 0,
    updatedAt: events[next - 1]?.at ?? 0,
    isOver: rests(folded.value),
    isLatest: next === events.length,
  });
}

/** The last wish to take the run back; undefined where nobody had one. */
export function lastRollback(journal: Journal, runId: string): TaskRef | undefined {
  const read = journal.read(runId);
  if (!read.ok) return undefined;
  const from = read.value.findLast(({ event }) => event.type === 'unwind.requested')?.seq;
  return from === undefined ? undefined : { runId, from };
}

const rests = ({ status }: RunState): boolean => isFinal(status) || status === 'paused';

/** Undefined for an event that begins no task. */
function ownerOf({ event }: JournalEvent): string | undefined {
  if (event.type === 'run.created') return event.created_by;
  return event.type === 'unwind.requested' ? event.by : undefined;
}
