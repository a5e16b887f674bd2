/** The last events of a run as plain data, for callers that ask for them. */

import { EVENTS_SHOWN_MAX } from './answer-budget.ts';
import type { Belay } from './belay.ts';
import type { RunView } from './run-view-schema.ts';

export function eventsOf(belay: Belay, runId: string): NonNullable<RunView['events']> {
  const read = belay.journal.read(runId);
  if (!read.ok) return [];
  return read.value.slice(-EVENTS_SHOWN_MAX).map(({ seq, at, host, epoch, event }) => {
    // the definition and the environment are the run's own business, and long
    const { definition, env, ...shown } = { definition: undefined, env: undefined, ...event };
    return { seq, at: new Date(at).toISOString(), host, epoch, ...shown } as never;
  });
}
