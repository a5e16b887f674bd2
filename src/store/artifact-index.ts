/**
 * Answers about artifacts from their projection: those of a run or a workflow, the newest of a name, what is still
 * referred to. Owns the pins that people set, which no event tells of.
 */
import type { ArtifactRow } from '../engine/core/artifact.ts';
import type { RunStatus } from '../engine/core/events.ts';
import type { Database } from './database.ts';

/** A row with the run it belongs to. */
export interface ArtifactRecord extends ArtifactRow {
  readonly runId: string;
  readonly workflow: string;
  readonly status: RunStatus;
}

export interface ArtifactQuery {
  readonly runId?: string;
  readonly workflow?: string;
  readonly limit: number;
}

export interface ArtifactIndex {
  /** What runs have made and still refer to, newest first. */
  list(query: ArtifactQuery): readonly ArtifactRecord[];
  find(runId: string, name: string): ArtifactRecord | undefined;
  /** Of the newest run of the workflow that succeeded and has one of that name. */
  latest(workflow: string, name: string): ArtifactRecord | undefined;
  /** What runs have made and were given, newest first, for retention. */
  all(): readonly ArtifactRecord[];
  pin(runId: string, name: string, pinned: boolean): void;
  /** The run refers to it no more. */
  drop(rows: readonly Pick<ArtifactRecord, 'runId' | 'kind' | 'name'>[]): void;
  /** Some run refers to the bytes; with a kind, in that way. */
  isReferred(sha256: string, kind?: ArtifactRow['kind']): boolean;
}

const SELECT = `SELECT a.run_id, a.kind, a.name, a.step, a.sha256, a.size, a.media_type, a.path, a.tags, a.at,
  coalesce(p.pinned, a.pinned) AS pinned, r.workflow, r.status
  FROM artifacts a JOIN runs r ON r.run_id = a.run_id
  LEFT JOIN artifact_pins p ON a.kind = 'made' AND p.run_id = a.run_id AND p.name = a.name`;
const NEWEST_FIRST = 'ORDER BY a.at DESC, a.run_id DESC, a.name';
const FIND = `${SELECT} WHERE a.run_id = ? AND a.kind = 'made' AND a.name = ?`;
const LATEST = `${SELECT} WHERE r.workflow = ? AND r.status IN ('succeeded', 'partial')
  AND a.kind = 'made' AND a.name = ? ORDER BY r.created_at DESC, r.run_id DESC LIMIT 1`;
const ALL = `${SELECT} ${NEWEST_FIRST}`;
const PIN = `INSERT INTO artifact_pins (run_id, name, pinned) VALUES (?, ?, ?)
  ON CONFLICT (run_id, name) DO UPDATE SET pinned = excluded.pinned`;
const DROP = 'DELETE FROM artifacts WHERE run_id = ? AND kind = ? AND name = ?';
const UNPIN = 'DELETE FROM artifact_pins WHERE run_id = ? AND name = ?';
const REFERRED = 'SELECT 1 FROM artifacts WHERE sha256 = ? LIMIT 1';
const REFERRED_AS = 'SELECT 1 FROM artifacts WHERE sha256 = ? AND kind = ? LIMIT 1';

export function artifactIndex(db: Database): ArtifactIndex {
  const records = (sql: string, ...values: (string | number)[]): readonly ArtifactRecord[] =>
    db.guard(() => db.statement(sql).all(...values)).map((row) => recordOf(row as unknown as Row));
  return {
    list: (query) => list(records, query),
    find: (runId, name) => records(FIND, runId, name)[0],
    latest: (workflow, name) => records(LATEST, workflow, name)[0],
    all: () => records(ALL),
    pin: (runId, name, pinned) => db.write(() => void db.statement(PIN).run(runId, name, pinned ? 1 : 0)),
    drop: (rows) =>
      db.write(() => {
        for (const { runId, kind, name } of rows) {
          db.statement(DROP).run(runId, kind, name);
          if (kind === 'made') db.statement(UNPIN).run(runId, name);
        }
      }),
    isReferred: (sha256, kind) =>
      db.guard(() =>
        kind === undefined ? db.statement(REFERRED).get(sha256) : db.statement(REFERRED_AS).get(sha256, kind),
      ) !== undefined,
  };
}

function list(
  records: (sql: string, ...values: (string | number)[]) => readonly ArtifactRecord[],
  { runId, workflow, limit }: ArtifactQuery,
): readonly ArtifactRecord[] {
  const terms = ["a.kind = 'made'"];
  const values: (string | number)[] = [];
  if (runId !== undefined) {
    terms.push('a.run_id = ?');
    values.push(runId);
  }
  if (workflow !== undefined) {
    terms.push('r.workflow = ?');
    values.push(workflow);
  }
  return records(`${SELECT} WHERE ${terms.join(' AND ')} ${NEWEST_FIRST} LIMIT ?`, ...values, limit);
}

interface Row {
  readonly run_id: string;
  readonly kind: ArtifactRow['kind'];
  readonly name: string;
  readonly step: string | null;
  readonly sha256: string;
  readonly size: number;
  readonly media_type: string;
  readonly path: string;
  readonly tags: string;
  readonly at: number;
  readonly pinned: number;
  readonly workflow: string;
  readonly status: RunStatus;
}

const recordOf = (row: Row): ArtifactRecord => ({
  runId: row.run_id,
  kind: row.kind,
  name: row.name,
  ...(row.step !== null && { step: row.step }),
  sha256: row.sha256,
  size: row.size,
  mediaType: row.media_type,
  path: row.path,
  tags: JSON.parse(row.tags) as string[],
  pinned: row.pinned === 1,
  at: row.at,
  workflow: row.workflow,
  status: row.status,
});
