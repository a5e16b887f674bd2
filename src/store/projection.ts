/**
 * Writes what an append changed into the tables that answer questions quickly: runs, steps, questions.
 * Must be called inside `Database.write`, together with the events it comes from.
 */
import { isFinal, type RunStatus } from '../engine/core/events.ts';
import type { ProjectionChange } from '../engine/core/ports.ts';
import { projectGroup } from './concurrency-groups.ts';
import type { Database } from './database.ts';

/** A run's last event, and what the next append needs to know besides. */
export interface Head {
  readonly seq: number;
  readonly epoch: number;
  readonly checksum: string;
  readonly status: RunStatus;
}

const HEAD = 'SELECT seq, epoch, checksum, status FROM runs WHERE run_id = ?';

const UPDATE_PROGRESS = `UPDATE runs SET seq = ?, checksum = ?, touched = max(touched, ?), reason = ?,
  started_at = ?, finished_at = ?, done = ?, total = ?, next_timer_at = ? WHERE run_id = ?`;

const UPDATE_STATUS = `UPDATE runs SET seq = ?, checksum = ?, touched = max(touched, ?), reason = ?,
  started_at = ?, finished_at = ?, done = ?, total = ?, next_timer_at = ?, status = ?,
  owner = iif(?, NULL, owner) WHERE run_id = ?`;

const UPSERT_STEP = `INSERT INTO steps (run_id, key, first_seq, place, type, status, attempts, started_at,
  finished_at, exit_code, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run_id, key) DO UPDATE SET type = excluded.type, status = excluded.status,
  attempts = excluded.attempts, started_at = excluded.started_at, finished_at = excluded.finished_at,
  exit_code = excluded.exit_code, error = excluded.error`;

const UPSERT_QUESTION = `INSERT INTO questions (run_id, question, step, status, expires_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (run_id, question) DO UPDATE SET step = excluded.step, status = excluded.status,
  expires_at = excluded.expires_at`;

export const head = (db: Database, runId: string): Head | undefined =>
  db.statement(HEAD).get(runId) as Head | undefined;

/** `before` is the head that the append linked to; `touched` says that somebody outside appended. */
export function project(
  db: Database,
  runId: string,
  before: Head,
  after: { readonly seq: number; readonly checksum: string; readonly touched: boolean },
  change: ProjectionChange,
): void {
  const progress = [
    after.seq,
    after.checksum,
    after.touched ? 1 : 0,
    change.reason ?? null,
    change.startedAt ?? null,
    change.finishedAt ?? null,
    change.done,
    change.total,
    change.nextTimerAt ?? null,
  ];
  // Four indexes hold the status, so it is only written when it changes. A finished run needs no owner.
  if (change.status === before.status) db.statement(UPDATE_PROGRESS).run(...progress, runId);
  else db.statement(UPDATE_STATUS).run(...progress, change.status, isFinal(change.status) ? 1 : 0, runId);
  projectDetails(db, runId, after.seq, change);
}

const UPSERT_ARTIFACT = `INSERT OR REPLACE INTO artifacts (run_id, kind, name, step, sha256, size, media_type, path,
  tags, pinned, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** The rows below the run. */
export function projectDetails(db: Database, runId: string, seq: number, change: ProjectionChange): void {
  projectGroup(db, runId, change.group);
  let place = 0;
  for (const step of change.steps) {
    db.statement(UPSERT_STEP).run(
      runId,
      step.key,
      seq,
      place++,
      step.type,
      step.status,
      step.attempts,
      step.startedAt ?? null,
      step.finishedAt ?? null,
      step.exitCode ?? null,
      step.error ?? null,
    );
  }
  for (const { question, step, status, expiresAt } of change.questions)
    db.statement(UPSERT_QUESTION).run(runId, question, step, status, expiresAt ?? null);
  for (const each of change.artifacts ?? []) {
    db.statement(UPSERT_ARTIFACT).run(
      runId,
      each.kind,
      each.name,
      each.step ?? null,
      each.sha256,
      each.size,
      each.mediaType,
      each.path,
      JSON.stringify(each.tags),
      each.pinned ? 1 : 0,
      each.at,
    );
  }
}
