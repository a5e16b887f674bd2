/**
 * Answers about runs from the projections, each through one index: one run, pages of runs, ids, step rows.
 */
import type { RunStatus, StepStatus } from '../engine/core/events.ts';
import type { AttemptRef, RunQuery, RunRow, StepRow } from '../engine/core/ports.ts';
import type { Database } from './database.ts';
import { FROM_UNFINISHED } from './schema.ts';

const COLUMNS = `run_id, workflow, version, status, reason, created_at, started_at, finished_at, done, total,
  seq, epoch, owner, next_timer_at`;

const RUN = `SELECT ${COLUMNS} FROM runs WHERE run_id = ?`;
const NEWEST_IDS = 'SELECT run_id FROM runs ORDER BY created_at DESC, run_id DESC LIMIT ?';
const IDS = `SELECT run_id FROM runs WHERE run_id >= ? AND run_id < ?
  ORDER BY created_at DESC, run_id DESC LIMIT ?`;
const STEPS = `SELECT key, type, status, attempts, started_at, finished_at, exit_code, error FROM steps
  WHERE run_id = ? ORDER BY first_seq, place LIMIT ?`;

/** The first look is at the text, which is quick; an input of that shape is told apart by the second. */
const INNER = `SELECT run_id ${FROM_UNFINISHED} AND EXISTS (
    SELECT 1 FROM events WHERE events.run_id = runs.run_id AND seq = 1 AND instr(payload, ?)
      AND json_extract(payload, '$.parent.run') = ? AND json_extract(payload, '$.parent.seq') = ?)
  ORDER BY created_at, run_id`;

/** Sorts after every character that follows a prefix. */
const LAST_CHARACTER = '\u{10FFFF}';

interface RunRecord {
  readonly run_id: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly reason: string | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly done: number;
  readonly total: number;
  readonly seq: number;
  readonly epoch: number;
  readonly owner: string | null;
  readonly next_timer_at: number | null;
}

interface StepRecord {
  readonly key: string;
  readonly type: string;
  readonly status: StepStatus;
  readonly attempts: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly exit_code: number | null;
  readonly error: string | null;
}

export function findRun(db: Database, runId: string): RunRow | undefined {
  const record = db.guard(() => db.statement(RUN).get(runId));
  return record && runRow(record as unknown as RunRecord);
}

/** Newest first. A cursor that this program did not make gives an empty page. */
export function listRuns(
  db: Database,
  query: RunQuery,
): { readonly runs: readonly RunRow[]; readonly nextCursor?: string } {
  const terms: string[] = [];
  const values: (string | number)[] = [];
  const where = (term: string, ...given: (string | number)[]) => {
    terms.push(term);
    values.push(...given);
  };
  if (query.workflow !== undefined) where('workflow = ?', query.workflow);
  if (query.status !== undefined) where('status = ?', query.status);
  if (query.sinceMs !== undefined) where('created_at >= ?', query.sinceMs);
  if (query.cursor !== undefined) {
    const place = readCursor(query.cursor);
    if (place === undefined) return { runs: [] };
    where('(created_at, run_id) < (?, ?)', ...place);
  }
  const filter = terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`;
  const sql = `SELECT ${COLUMNS} FROM runs ${filter} ORDER BY created_at DESC, run_id DESC LIMIT ?`;
  // One row more than asked for tells whether there is a next page.
  const found = db.guard(() => db.statement(sql).all(...values, query.limit + 1));
  const runs = (found as unknown as RunRecord[]).slice(0, query.limit).map(runRow);
  const last = runs.at(-1);
  return found.length > query.limit && last ? { runs, nextCursor: writeCursor(last) } : { runs };
}

export function listRunIds(db: Database, prefix: string, limit: number): readonly string[] {
  const rows = db.guard(() =>
    prefix === ''
      ? db.statement(NEWEST_IDS).all(limit)
      : db.statement(IDS).all(prefix, prefix + LAST_CHARACTER, limit),
  );
  return rows.map((row) => row.run_id as string);
}

/** In the order in which the run came to know them. */
export function listStepRows(db: Database, runId: string, limit: number): readonly StepRow[] {
  const records = db.guard(() => db.statement(STEPS).all(runId, limit));
  return (records as unknown as StepRecord[]).map(stepRow);
}

export function listInnerRuns(db: Database, { runId, seq }: AttemptRef): readonly string[] {
  const text = `"run":${JSON.stringify(runId)}`;
  const rows = db.guard(() => db.statement(INNER).all(text, runId, seq));
  return rows.map((row) => row.run_id as string);
}

const writeCursor = (row: RunRow): string =>
  Buffer.from(JSON.stringify([row.createdAt, row.runId])).toString('base64url');

function readCursor(cursor: string): [number, string] | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(place) || place.length !== 2) return undefined;
    const [createdAt, runId] = place;
    return typeof createdAt === 'number' && typeof runId === 'string' ? [createdAt, runId] : undefined;
  } catch {
    return undefined;
  }
}

function runRow(r: RunRecord): RunRow {
  return {
    runId: r.run_id,
    workflow: r.workflow,
    version: r.version,
    status: r.status,
    ...(r.reason !== null && { reason: r.reason }),
    createdAt: r.created_at,
    ...(r.started_at !== null && { startedAt: r.started_at }),
    ...(r.finished_at !== null && { finishedAt: r.finished_at }),
    done: r.done,
    total: r.total,
    seq: r.seq,
    epoch: r.epoch,
    ...(r.owner !== null && { owner: r.owner }),
    ...(r.next_timer_at !== null && { nextTimerAt: r.next_timer_at }),
  };
}

function stepRow(r: StepRecord): StepRow {
  return {
    key: r.key,
    type: r.type,
    status: r.status,
    attempts: r.attempts,
    ...(r.started_at !== null && { startedAt: r.started_at }),
    ...(r.finished_at !== null && { finishedAt: r.finished_at }),
    ...(r.exit_code !== null && { exitCode: r.exit_code }),
    ...(r.error !== null && { error: r.error }),
  };
}
