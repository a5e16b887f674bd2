/** Events of a run as plain data, for callers that ask for them. */
import type { JournalEvent } from '../engine/core/events.ts';
import { EVENTS_SHOWN_MAX } from './answer-budget.ts';
import type { Belay } from './belay.ts';
import type { RunView } from './run-view-schema.ts';

type ShownEvent = NonNullable<RunView['events']>[number];

/** The last events of a run. */
export function eventsOf(belay: Belay, runId: string): ShownEvent[] {
  const read = belay.journal.read(runId);
  return read.ok ? read.value.slice(-EVENTS_SHOWN_MAX).map(shownEvent) : [];
}

/** Without the definition and the environment: they are the run's own business, and long. */
export function shownEvent({ seq, at, host, epoch, event }: JournalEvent): ShownEvent {
  const { definition, env, ...shown } = { definition: undefined, env: undefined, ...event };
  return { seq, at: new Date(at).toISOString(), host, epoch, ...shown } as never;
}
