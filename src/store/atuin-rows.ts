/**
 * Reads the history database of Atuin, which is somebody else's file: never written, never trusted.
 * 1. Nothing is made beside it: where no other program has it open, it is opened as a file that does not change.
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { IMPORT_COMMAND_CHARS_MAX, IMPORT_STEPS_MAX } from '../engine/core/limits.ts';
import type { AtuinRow } from '../learning/import/atuin-history.ts';
import type { SkipReason } from '../learning/import/reading.ts';

const COLUMNS = ['timestamp', 'duration', 'exit', 'command', 'cwd', 'session'];
/** A view of that name could be anything. */
const TABLE = `SELECT name FROM pragma_table_info('history')
  WHERE EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'history')`;
const IS_GONE = 'deleted_at IS NOT NULL';
const IS_BROKEN = "typeof(command) <> 'text' OR typeof(timestamp) <> 'integer'";
const IS_LONG = `length(command) > ${IMPORT_COMMAND_CHARS_MAX}`;
/** The first that holds is the reason. */
const whySql = (isDeletable: boolean): string =>
  `CASE ${isDeletable ? `WHEN ${IS_GONE} THEN 'deleted'` : ''} WHEN ${IS_BROKEN} THEN 'broken'
    WHEN ${IS_LONG} THEN 'too_long' ELSE 'fit' END`;
const countsSql = (isDeletable: boolean): string =>
  `SELECT ${whySql(isDeletable)} AS why, count(*) AS count FROM history GROUP BY why`;
const rowsSql = (isDeletable: boolean): string => `
  SELECT CAST(timestamp AS REAL) AS timestamp, CAST(duration AS REAL) AS duration, CAST(exit AS REAL) AS exit,
    command, CAST(cwd AS TEXT) AS cwd, CAST(session AS TEXT) AS session
  FROM history WHERE ${whySql(isDeletable)} = 'fit' ORDER BY history.timestamp DESC LIMIT ${IMPORT_STEPS_MAX}`;

export interface AtuinRows {
  /** The newest, in the order of their times. */
  readonly rows: readonly AtuinRow[];
  /** Rows that were left out, by reason. */
  readonly left: Readonly<Partial<Record<SkipReason, number>>>;
}

interface Count {
  readonly why: 'deleted' | 'broken' | 'too_long' | 'fit';
  readonly count: number;
}

/** Undefined where the file is a database of something else, or a broken one. */
export function atuinRows(path: string): AtuinRows | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(placeOf(path), { readOnly: true, allowExtension: false, timeout: 2_000 });
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON');
    const names = new Set(
      db
        .prepare(TABLE)
        .all()
        .map((row) => row.name),
    );
    if (!COLUMNS.every((name) => names.has(name))) return undefined;
    const isDeletable = names.has('deleted_at');
    const rows = db.prepare(rowsSql(isDeletable)).all() as unknown as AtuinRow[];
    const counts = db.prepare(countsSql(isDeletable)).all() as unknown as readonly Count[];
    return { rows: rows.reverse(), left: leftOf(counts, rows.length) };
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}

/** What would have fitted and was not taken is older. */
function leftOf(counts: readonly Count[], taken: number): AtuinRows['left'] {
  const left = counts.map(({ why, count }) =>
    why === 'fit' ? (['old', count - taken] as const) : ([why, count] as const),
  );
  return Object.fromEntries(left.filter(([, count]) => count > 0));
}

/** With a write-ahead log there is something newer than the file, and its index is there already. */
function placeOf(path: string): string | URL {
  const logBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (logBytes > 0) return path;
  const still = pathToFileURL(path);
  still.searchParams.set('immutable', '1');
  return still;
}
