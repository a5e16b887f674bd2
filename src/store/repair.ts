/**
 * What `belay doctor` asks of a store: is it whole, and can the projections be made anew from the events.
 */
import type { EventOf, JournalEvent } from '../engine/core/events.ts';
import type { Corruption, ProjectionChange } from '../engine/core/ports.ts';
import type { Database } from './database.ts';
import { readEvents, readForRebuild } from './event-reader.ts';
import { StorageError } from './problem.ts';
import { head, project, projectDetails } from './projection.ts';
import { FROM_UNFINISHED } from './schema.ts';

/** Lines of SQLite's report, and runs whose chain is verified. */
const REPORT_LINES_MAX = 20;
const RUNS_MAX = 1_000;

export interface Integrity {
  /** What SQLite's quick check says; empty when the file is whole. */
  readonly database: readonly string[];
  /** Unfinished runs, oldest first, whose events do not verify. */
  readonly damaged: readonly Corruption[];
  readonly runsChecked: number;
  /** True when there are more unfinished runs than were checked. */
  readonly more: boolean;
}

export interface Rebuilt {
  readonly runs: number;
  /** Left as they were: their events do not verify. */
  readonly damaged: readonly Corruption[];
}

const OPEN_RUNS = `SELECT run_id ${FROM_UNFINISHED} ORDER BY created_at, run_id LIMIT ?`;
const NEXT_RUN = 'SELECT run_id FROM events WHERE run_id > ? ORDER BY run_id LIMIT 1';
const CLEAR = ['steps', 'questions', 'artifacts', 'concurrency_groups'].map(
  (table) => `DELETE FROM ${table} WHERE run_id = ?`,
);
const RESET_RUN = `INSERT INTO runs (run_id, seq, epoch, checksum, status, done, total, created_at, workflow,
  version, idempotency_key, priority, touched) VALUES (?, 0, ?, '', '', 0, 0, ?, ?, ?, ?, ?, 1)
  ON CONFLICT (run_id) DO UPDATE SET epoch = excluded.epoch, created_at = excluded.created_at,
  workflow = excluded.workflow, version = excluded.version, idempotency_key = excluded.idempotency_key,
  priority = excluded.priority`;

export function checkIntegrity(db: Database): Integrity {
  const database = quickCheck(db);
  try {
    const found = db.guard(() => db.statement(OPEN_RUNS).all(RUNS_MAX + 1));
    const runs = found.slice(0, RUNS_MAX).map((row) => row.run_id as string);
    const damaged = runs.flatMap((run) => {
      const events = readEvents(db, run, 0);
      return events.ok ? [] : [events.error];
    });
    return { database, damaged, runsChecked: runs.length, more: found.length > RUNS_MAX };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return { database: [...database, error.message], damaged: [], runsChecked: 0, more: true };
  }
}

function quickCheck(db: Database): readonly string[] {
  try {
    const rows = db.guard(() => db.statement(`PRAGMA quick_check(${REPORT_LINES_MAX})`).all());
    return rows.map((row) => row.quick_check as string).filter((line) => line !== 'ok');
  } catch (error) {
    if (error instanceof StorageError) return [error.message];
    throw error;
  }
}

/** Each run in a transaction of its own, so that hosts go on meanwhile. */
export function rebuildProjections(
  db: Database,
  fold: (events: readonly JournalEvent[]) => ProjectionChange,
): Rebuilt {
  const damaged: Corruption[] = [];
  let runs = 0;
  for (let runId = nextRun(db, ''); runId !== undefined; runId = nextRun(db, runId)) {
    const bad = rebuildRun(db, runId, fold);
    if (bad === undefined) runs++;
    else damaged.push(bad);
  }
  return { runs, damaged };
}

const nextRun = (db: Database, after: string): string | undefined =>
  db.guard(() => db.statement(NEXT_RUN).get(after))?.run_id as string | undefined;

function rebuildRun(
  db: Database,
  runId: string,
  fold: (events: readonly JournalEvent[]) => ProjectionChange,
): Corruption | undefined {
  return db.write(() => {
    const read = readForRebuild(db, runId);
    if (!read.ok) return read.error;
    const last = read.value.at(-1)!;
    // The chain holds from event 1 on, so this is the first event that was ever appended.
    const created = read.value[0]!.event as EventOf<'run.created'>;
    const change = fold(read.value);
    const epoch = read.value.reduce((highest, event) => Math.max(highest, event.epoch), 0);
    const { workflow, version, idempotency_key: key = null, priority = 0 } = created;
    for (const sql of CLEAR) db.statement(sql).run(runId);
    db.statement(RESET_RUN).run(runId, epoch, read.value[0]!.at, workflow, version, key, priority);
    project(
      db,
      runId,
      head(db, runId)!,
      { ...last, touched: false },
      { ...change, steps: [], questions: [], artifacts: [] },
    );
    projectDetails(db, runId, last.seq, change);
    return undefined;
  });
}
