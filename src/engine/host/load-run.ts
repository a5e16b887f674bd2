/** A run's state from its journal: the fold that every reader and every host starts from. */
import type { JournalEvent } from '../core/events.ts';
import { evolve } from '../core/evolve.ts';
import type { Result } from '../core/failure.ts';
import { err, ok } from '../core/failure.ts';
import type { Journal } from '../core/ports.ts';
import { forgetTouched } from '../core/projection.ts';
import type { RunState } from '../core/state.ts';

export interface LoadProblem {
  readonly code: 'unknown_run' | 'corrupt';
  readonly message: string;
}

export function loadRun(journal: Journal, runId: string): Result<RunState, LoadProblem> {
  const read = journal.read(runId);
  if (!read.ok) return err({ code: 'corrupt', message: read.error.message });
  if (read.value.length === 0)
    return err({ code: 'unknown_run', message: `run \`${runId}\` is not known here` });
  return foldEvents(read.value);
}

/** Applies events to a state (or to nothing, for a whole run). */
export function foldEvents(events: readonly JournalEvent[], from?: RunState): Result<RunState, LoadProblem> {
  let state = from;
  for (const entry of events) {
    const next = evolve(state, entry);
    if (!next.ok) {
      const message = `event ${entry.seq} of run \`${entry.run_id}\` does not fit: ${next.error.message}`;
      return err({ code: 'corrupt', message });
    }
    state = next.value;
  }
  if (!state) return err({ code: 'unknown_run', message: 'the run has no events' });
  forgetTouched(state);
  return ok(state);
}
