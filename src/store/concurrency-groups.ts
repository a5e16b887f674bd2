/**
 * Who has a concurrency group and who waits for it: one row for each unfinished run in one, beside its row in `runs`.
 * All of it happens inside the transaction that creates, claims or changes a run, so that two processes cannot both see
 * a group free.
 * 1. At most one run has entered a group. It enters by being claimed, and its row goes when it is final.
 * 2. In line goes first who has the higher priority, then who came first; a paused run stands in no line.
 */
import type { EventOf } from '../engine/core/events.ts';
import type { GroupChange, GroupMember } from '../engine/core/ports.ts';
import type { Database } from './database.ts';

export const CONCURRENCY_GROUPS = `
  CREATE TABLE concurrency_groups (
    run_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    entered INTEGER NOT NULL,
    -- those that were there before it are to go
    replaces INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX concurrency_groups_by_name ON concurrency_groups (name);
`;

const KEEP = `INSERT INTO concurrency_groups (run_id, name, entered, replaces) VALUES (?, ?, ?, ?)
  ON CONFLICT (run_id) DO UPDATE SET entered = excluded.entered`;
const DROP = 'DELETE FROM concurrency_groups WHERE run_id = ?';
const ENTER = 'UPDATE concurrency_groups SET entered = 1 WHERE run_id = ?';

const MEMBERS = `SELECT member.run_id AS run_id, member.entered AS entered, runs.status AS status
  FROM concurrency_groups AS member JOIN runs ON runs.run_id = member.run_id WHERE member.name = ?
  ORDER BY member.entered DESC, runs.priority DESC, runs.created_at, member.run_id`;
const NAME = 'SELECT name FROM concurrency_groups WHERE run_id = ?';

/** For a query over `runs`: the run is in line and others go before it. One that replaces them has to act on that. */
export const IS_BEHIND = `EXISTS (
    SELECT 1 FROM concurrency_groups AS own
      JOIN concurrency_groups AS other ON other.name = own.name AND other.run_id <> own.run_id
      JOIN runs AS before ON before.run_id = other.run_id
    WHERE own.run_id = runs.run_id AND own.entered = 0 AND own.replaces = 0 AND (other.entered = 1
      OR before.status <> 'paused' AND (-before.priority, before.created_at, before.run_id)
        < (-runs.priority, runs.created_at, runs.run_id)))`;

interface MemberRecord {
  readonly run_id: string;
  readonly entered: number;
  readonly status: string;
}

const members = (db: Database, name: string): readonly MemberRecord[] =>
  db.statement(MEMBERS).all(name) as unknown as readonly MemberRecord[];

/** Must be called inside `Database.write`. */
export function projectGroup(db: Database, runId: string, change: GroupChange | undefined): void {
  if (change === undefined) return;
  const { name, isMember, hasEntered, replaces } = change;
  if (isMember) db.statement(KEEP).run(runId, name, hasEntered ? 1 : 0, replaces ? 1 : 0);
  else db.statement(DROP).run(runId);
}

/** The run that keeps a new one with `on_conflict: reject` from being created. */
export function groupTakenBy(
  db: Database,
  { group, on_conflict }: EventOf<'run.created'>,
): string | undefined {
  return group !== undefined && on_conflict === 'reject' ? members(db, group)[0]?.run_id : undefined;
}

/** False where another run of its group goes before this one; else it has entered. Inside the claim's transaction. */
export function enterGroup(db: Database, runId: string): boolean {
  const name = db.statement(NAME).get(runId)?.name as string | undefined;
  if (name === undefined) return true;
  const first = members(db, name).find(
    ({ run_id, entered, status }) => entered === 1 || run_id === runId || status !== 'paused',
  );
  if (first?.run_id !== runId) return false;
  db.statement(ENTER).run(runId);
  return true;
}

/** Who has the group of that run, then who waits for it. */
export function listGroupMembers(db: Database, runId: string): readonly GroupMember[] {
  return db.guard(() => {
    const name = db.statement(NAME).get(runId)?.name as string | undefined;
    if (name === undefined) return [];
    return members(db, name).map(({ run_id, entered }) => ({ runId: run_id, hasEntered: entered === 1 }));
  });
}
