/**
 * The runs that an analysis rests on: rows of the index for the totals, and of the newest of them the whole journal, for
 * what happened in their steps. Bounded in number and time; how far it went is part of the answer.
 */
import { setImmediate } from 'node:timers/promises';
import { isFinal, type JournalEvent } from '../../engine/core/events.ts';
import type { RunRow } from '../../engine/core/ports.ts';
import type { RunState } from '../../engine/core/state.ts';
import { foldEvents } from '../../engine/host/load-run.ts';
import type { Belay } from '../belay.ts';

export interface ReadRun {
  readonly row: RunRow;
  readonly run: RunState;
  readonly events: readonly JournalEvent[];
}

export interface CollectedRuns {
  /** Newest first. */
  readonly rows: readonly RunRow[];
  /** There are older ones that were not counted. */
  readonly isCut: boolean;
  /** Runs whose journals were read, in no order. */
  readonly read: number;
  /** Finished runs among `rows`. */
  readonly finished: number;
}

const ROWS_MAX = 5_000;
const PAGE = 200;
const READ_RUNS_MAX = 300;
const READ_EVENTS_MAX = 5_000;
const READ_MS_MAX = 2_000;
const REST_EVERY = 10;

/** Calls `look` with each run that was read, the newest first. */
export async function collectRuns(
  { journal }: Belay,
  query: { readonly workflow?: string | undefined; readonly sinceMs?: number | undefined },
  look: (run: ReadRun) => void,
): Promise<CollectedRuns> {
  const { rows, isCut } = listRows(journal, query);
  const finished = rows.filter(({ status }) => isFinal(status));
  const untilMs = performance.now() + READ_MS_MAX;
  let read = 0;
  for (const row of finished) {
    if (read >= READ_RUNS_MAX || performance.now() > untilMs) break;
    if (row.seq > READ_EVENTS_MAX) continue;
    const found = journal.read(row.runId);
    const folded = found.ok ? foldEvents(found.value) : undefined;
    if (!found.ok || !folded?.ok) continue;
    look({ row, run: folded.value, events: found.value });
    read += 1;
    if (read % REST_EVERY === 0) await setImmediate();
  }
  return { rows, isCut, read, finished: finished.length };
}

function listRows(
  journal: Belay['journal'],
  { workflow, sinceMs }: { readonly workflow?: string | undefined; readonly sinceMs?: number | undefined },
): { readonly rows: readonly RunRow[]; readonly isCut: boolean } {
  const rows: RunRow[] = [];
  let cursor: string | undefined;
  do {
    const page = journal.runs({
      limit: PAGE,
      ...(workflow !== undefined && { workflow }),
      ...(sinceMs !== undefined && { sinceMs }),
      ...(cursor !== undefined && { cursor }),
    });
    rows.push(...page.runs);
    cursor = page.nextCursor;
  } while (cursor !== undefined && rows.length < ROWS_MAX);
  return { rows, isCut: cursor !== undefined };
}
