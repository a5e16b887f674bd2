/**
 * Patterns that were mined of the log, so that every process knows them without mining, and one that was shown can be
 * asked for by its id though newer ones have taken its place. A copy that can be made anew; forgetting removes it.
 */
import type { JsonObject } from '../../engine/core/model.ts';
import type { Database } from '../database.ts';

/** Older ones are gone, whoever has seen them. */
const KEPT_MAX = 200;

export interface KeptPattern {
  readonly id: string;
  /** Plain data of whoever mines. */
  readonly found: JsonObject;
}

export interface KeptPatterns {
  /** Id of the last session that was searched. */
  readonly position: number;
  /** How many sessions were searched. */
  readonly sessions: number;
  /** The best first. */
  readonly patterns: readonly KeptPattern[];
}

interface Row {
  readonly id: string;
  readonly found: string;
}

const MINED = 'SELECT position, sessions FROM mined WHERE version = ?';
const NEWEST = 'SELECT id, found FROM patterns WHERE version = ? AND position = ? ORDER BY rank';
const BY_ID = 'SELECT id, found FROM patterns WHERE version = ? AND id = ?';
const MARK = `INSERT INTO mined (id, version, position, sessions) SELECT 1, ?, ?, ? FROM marks WHERE generation = ?
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, position = excluded.position, sessions = excluded.sessions
  WHERE excluded.position >= mined.position OR excluded.version <> mined.version`;
const KEEP = 'INSERT OR REPLACE INTO patterns (id, version, position, rank, found) VALUES (?, ?, ?, ?, ?)';
const CLEAR = `DELETE FROM patterns WHERE version <> ?1 OR id IN
  (SELECT id FROM patterns ORDER BY position DESC, rank LIMIT -1 OFFSET ${KEPT_MAX})`;

/** Undefined where nothing was mined yet by that version. */
export function loadPatterns(db: Database, version: string): KeptPatterns | undefined {
  const mined = db.statement(MINED).get(version) as unknown as
    | { readonly position: number; readonly sessions: number }
    | undefined;
  if (!mined) return undefined;
  const rows = db.statement(NEWEST).all(version, mined.position) as unknown as readonly Row[];
  return { ...mined, patterns: rows.flatMap(patternOf) };
}

export function patternById(db: Database, version: string, id: string): KeptPattern | undefined {
  const row = db.statement(BY_ID).get(version, id) as unknown as Row | undefined;
  return row && patternOf(row)[0];
}

/** Inside of `Database.write`; writes nothing where something was forgotten since, or more was searched by another. */
export function savePatterns(
  db: Database,
  version: string,
  generation: number,
  { position, sessions, patterns }: KeptPatterns,
): void {
  if (Number(db.statement(MARK).run(version, position, sessions, generation).changes) === 0) return;
  for (const [rank, { id, found }] of patterns.entries())
    db.statement(KEEP).run(id, version, position, rank, JSON.stringify(found));
  db.statement(CLEAR).run(version);
}

/** None where the row was damaged. */
function patternOf({ id, found }: Row): readonly KeptPattern[] {
  try {
    return [{ id, found: JSON.parse(found) as JsonObject }];
  } catch {
    return [];
  }
}
