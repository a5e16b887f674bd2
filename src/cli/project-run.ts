/** A run's projections made anew from its events, for `belay doctor --rebuild`. */
import type { JournalEvent } from '../engine/core/events.ts';
import { evolve } from '../engine/core/evolve.ts';
import type { ProjectionChange } from '../engine/core/ports.ts';
import { takeProjection } from '../engine/core/projection.ts';
import type { RunState } from '../engine/core/state.ts';

/** Events after one that does not fit are left out: the listing then shows how far the run makes sense. */
export function projectRun(events: readonly JournalEvent[]): ProjectionChange {
  let run: RunState | undefined;
  for (const entry of events) {
    const next = evolve(run, entry);
    if (!next.ok) break;
    run = next.value;
  }
  if (!run) throw new Error(`run ${events[0]?.run_id} does not begin with run.created`);
  return takeProjection(run);
}
