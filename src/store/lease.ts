/**
 * Who drives which run: hosts with a lease, claims with an epoch.
 * 1. A run has at most one owner; each claim raises the epoch, so what an earlier owner appends is fenced off.
 * 2. A host that is dead or out of lease is buried as a whole: its row goes, its runs are free and marked for a look.
 * 3. `touched` means "has to be looked at"; only a claim clears it, so no request from outside is ever forgotten.
 */
import { isFinal } from '../engine/core/events.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import { LEASE_MS } from '../engine/core/limits.ts';
import type { HostIdentity } from '../engine/core/ports.ts';
import { enterGroup, IS_BEHIND } from './concurrency-groups.ts';
import type { Database } from './database.ts';
import { serialize, writeEvent } from './event-writer.ts';
import { type Head, head } from './projection.ts';
import { FROM_CLAIMABLE } from './schema.ts';

interface HostRow {
  readonly host: string;
  readonly pid: number;
  readonly start_time: string;
  readonly boot_id: string;
  readonly expires_at: number;
}

const RENEW = 'UPDATE hosts SET pid = ?, start_time = ?, boot_id = ?, expires_at = ? WHERE host = ?';
const REGISTER = 'INSERT INTO hosts (pid, start_time, boot_id, expires_at, host) VALUES (?, ?, ?, ?, ?)';
const HOST = 'SELECT host, pid, start_time, boot_id, expires_at FROM hosts WHERE host = ?';
const HOSTS = 'SELECT host, pid, start_time, boot_id, expires_at FROM hosts';
const FORGET = 'DELETE FROM hosts WHERE host = ?';
/** Something may be half done: whoever comes next looks at each of these runs. */
const FREE_ALL = 'UPDATE runs SET owner = NULL, touched = 1 WHERE owner = ?';
const FREE_ONE = 'UPDATE runs SET owner = NULL WHERE run_id = ? AND owner = ?';
const OWNER = 'SELECT owner FROM runs WHERE run_id = ?';
const CLAIM = 'UPDATE runs SET owner = ?, epoch = ?, seq = ?, checksum = ?, touched = 0 WHERE run_id = ?';
const CLAIMABLE = `SELECT run_id ${FROM_CLAIMABLE}
    AND (owner IS NULL OR owner NOT IN (SELECT value FROM json_each(?)))
    AND (status NOT IN ('waiting', 'paused') OR touched OR next_timer_at <= ? OR owner IS NOT NULL)
    AND NOT ${IS_BEHIND}
  ORDER BY priority DESC, created_at, run_id LIMIT ?`;

export class Leases {
  readonly #db: Database;
  readonly #isDead: (identity: HostIdentity) => boolean;
  /** Hosts that registered through this connection: a missing row then means that somebody buried them. */
  readonly #registered = new Set<string>();

  constructor(db: Database, isDead: (identity: HostIdentity) => boolean) {
    this.#db = db;
    this.#isDead = isDead;
  }

  renew(identity: HostIdentity, nowMs: number): boolean {
    const { host, pid, startTime, bootId } = identity;
    const row = [pid, startTime, bootId, nowMs + LEASE_MS, host];
    return this.#db.write(() => {
      const renewed = this.#db.statement(RENEW).run(...row).changes === 1;
      if (!renewed && this.#registered.delete(host)) return false;
      if (!renewed) {
        for (const other of this.#hosts()) if (!this.#isAlive(other, nowMs)) this.#bury(other.host);
        this.#db.statement(REGISTER).run(...row);
      }
      this.#registered.add(host);
      return true;
    });
  }

  release(host: string): void {
    this.#db.write(() => this.#bury(host));
    this.#registered.delete(host);
  }

  releaseRun(runId: string, host: string): void {
    this.#db.write(() => this.#db.statement(FREE_ONE).run(runId, host));
  }

  claim(
    runId: string,
    host: string,
    nowMs: number,
  ): Result<{ readonly epoch: number }, 'held' | 'unknown_run' | 'final' | 'waits'> {
    return this.#db.write(() => {
      const before = head(this.#db, runId);
      if (before === undefined) return err('unknown_run');
      if (isFinal(before.status)) return err('final');
      const owner = this.#db.statement(OWNER).get(runId)?.owner as string | null;
      if (owner !== null) {
        const row = this.#db.statement(HOST).get(owner) as HostRow | undefined;
        if (row !== undefined && this.#isAlive(row, nowMs)) return err('held');
        this.#bury(owner);
      }
      if (!enterGroup(this.#db, runId)) return err('waits');
      return ok({ epoch: this.#take(runId, before, host, nowMs) });
    });
  }

  #take(runId: string, before: Head, host: string, nowMs: number): number {
    const epoch = before.epoch + 1;
    const claimed = { type: 'run.claimed', host } as const;
    const stamp = { atMs: nowMs, host, epoch };
    const { seq, checksum } = writeEvent(this.#db, runId, before, stamp, claimed, serialize(claimed));
    this.#db.statement(CLAIM).run(host, epoch, seq, checksum, runId);
    return epoch;
  }

  /** A run that still names a dead owner has always something to do: nobody knows how far the owner came. */
  claimable(nowMs: number, limit: number): readonly string[] {
    return this.#db.guard(() => {
      const alive = this.#hosts().filter((row) => this.#isAlive(row, nowMs));
      const names = JSON.stringify(alive.map((row) => row.host));
      const rows = this.#db.statement(CLAIMABLE).all(names, nowMs, limit);
      return rows.map((row) => row.run_id as string);
    });
  }

  #hosts(): readonly HostRow[] {
    return this.#db.statement(HOSTS).all() as unknown as readonly HostRow[];
  }

  #isAlive(row: HostRow, nowMs: number): boolean {
    const { host, pid, start_time: startTime, boot_id: bootId } = row;
    return row.expires_at > nowMs && !this.#isDead({ host, pid, startTime, bootId });
  }

  #bury(host: string): void {
    this.#db.statement(FREE_ALL).run(host);
    this.#db.statement(FORGET).run(host);
  }
}
