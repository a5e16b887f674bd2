/**
 * What is on its way to webhooks, what has arrived, and what was given up.
 * 1. Where a webhook stands in the feed, and the deliveries up to there, are written in one transaction: no event is left
 *    out, none is scheduled twice.
 * 2. What an attempt has brought counts only where nobody else has made that attempt.
 * 3. One owner at a time holds the lease; who has lost it may still be making an attempt, so a delivery may come twice.
 */
import {
  WEBHOOK_DEAD_KEPT_MAX,
  WEBHOOK_DELIVERED_KEPT_MAX,
  WEBHOOK_LEASE_MS,
} from '../../engine/core/limits.ts';
import type { Database } from '../database.ts';
import type { FeedEntry } from '../feed.ts';

export type DeliveryStatus = 'pending' | 'delivered' | 'dead';

export interface Delivery {
  readonly webhook: string;
  /** Of the event in the feed. */
  readonly position: number;
  readonly runId: string;
  readonly seq: number;
  readonly type: string;
  readonly status: DeliveryStatus;
  /** Made so far. */
  readonly attempts: number;
  /** Of one that is pending, epoch ms. */
  readonly nextAt: number;
  readonly endedAt?: number;
  /** HTTP status of the last attempt; absent where there was no answer. */
  readonly answer?: number;
  readonly error?: string;
}

export interface AttemptOutcome {
  readonly status: DeliveryStatus;
  readonly atMs: number;
  /** Of one that stays pending. */
  readonly nextAtMs?: number;
  readonly answer?: number | undefined;
  readonly error?: string | undefined;
}

export interface DeliveryList {
  /** Schedules them and moves the webhook on to `position`; nothing where it no longer stands at `from`. */
  schedule(
    webhook: string,
    move: { readonly from: number; readonly to: number },
    entries: readonly FeedEntry[],
    atMs: number,
  ): void;
  /** How many wait for a try, and when the first of them is due (epoch ms). */
  pending(webhook: string): { readonly count: number; readonly nextAt?: number };
  /** In the order of their events. */
  due(webhook: string, nowMs: number, limit: number): readonly Delivery[];
  settle(delivery: Delivery, outcome: AttemptOutcome): void;
  /** Newest first. */
  list(
    webhook: string,
    query: { status?: DeliveryStatus; before?: number; limit: number },
  ): readonly Delivery[];
  find(webhook: string, position: number): Delivery | undefined;
  /** One that has ended, or all that were given up, are due at once and count as never tried; how many. */
  retry(webhook: string, position: number | undefined, nowMs: number): number;
  /** Takes or renews the right to deliver; false while another one has it. */
  hold(owner: string, nowMs: number): boolean;
  letGo(owner: string): void;
}

interface DeliveryRecord {
  readonly webhook: string;
  readonly position: number;
  readonly run_id: string;
  readonly seq: number;
  readonly type: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly next_at: number;
  readonly ended_at: number | null;
  readonly answer: number | null;
  readonly error: string | null;
}

const COLUMNS = `d.webhook, d.position, d.run_id, d.seq, d.type, d.status, d.attempts, d.next_at, d.ended_at, d.answer,
  d.error`;
const MOVE = 'UPDATE webhooks SET position = ? WHERE webhook = ? AND position = ?';
const INSERT = `INSERT INTO webhook_deliveries (webhook, position, run_id, seq, type, status, attempts, next_at)
  VALUES (?, ?, ?, ?, ?, 'pending', 0, ?)`;
const PENDING = `SELECT count(*) AS count, min(next_at) AS at FROM webhook_deliveries
  WHERE webhook = ? AND status = 'pending'`;
const DUE = `SELECT ${COLUMNS} FROM webhook_deliveries AS d
  WHERE d.webhook = ? AND d.status = 'pending' AND d.next_at <= ? ORDER BY d.position LIMIT ?`;
const SETTLE = `UPDATE webhook_deliveries SET status = ?, attempts = attempts + 1, next_at = ?, ended_at = ?, answer = ?,
  error = ? WHERE webhook = ? AND position = ? AND attempts = ? AND status = 'pending'`;
const TRIM = `DELETE FROM webhook_deliveries WHERE webhook = ?1 AND status = ?2 AND position <= (
  SELECT position FROM webhook_deliveries WHERE webhook = ?1 AND status = ?2 ORDER BY position DESC LIMIT 1 OFFSET ?3)`;
const LIST = `SELECT ${COLUMNS} FROM webhook_deliveries AS d
  WHERE d.webhook = ?1 AND (?2 IS NULL OR d.status = ?2) AND d.position < ?3 ORDER BY d.position DESC LIMIT ?4`;
const ONE = `SELECT ${COLUMNS} FROM webhook_deliveries AS d WHERE d.webhook = ? AND d.position = ?`;
const RETRY = `UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_at = ?1, ended_at = NULL
  WHERE webhook = ?2 AND status <> 'pending' AND iif(?3 IS NULL, status = 'dead', position = ?3)`;
const HOLD = `INSERT INTO webhook_lease (one, owner, expires_at) VALUES (1, ?1, ?2)
  ON CONFLICT (one) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
  WHERE owner = excluded.owner OR expires_at <= ?3`;
const LET_GO = 'DELETE FROM webhook_lease WHERE owner = ?';

export function deliveryList(db: Database): DeliveryList {
  const records = (sql: string, ...values: (string | number | null)[]) =>
    db.guard(() => db.statement(sql).all(...values) as unknown as DeliveryRecord[]).map(delivery);
  return {
    schedule(webhook, { from, to }, entries, atMs) {
      db.write(() => {
        if (db.statement(MOVE).run(to, webhook, from).changes === 0) return;
        for (const { position, runId, seq, event } of entries)
          db.statement(INSERT).run(webhook, position, runId, seq, event?.event.type ?? '', atMs);
      });
    },
    pending(webhook) {
      const row = db.guard(() => db.statement(PENDING).get(webhook));
      const nextAt = row?.at as number | null;
      return { count: row?.count as number, ...(nextAt !== null && { nextAt }) };
    },
    due: (webhook, nowMs, limit) => records(DUE, webhook, nowMs, limit),
    settle: (of, outcome) => db.write(() => settle(db, of, outcome)),
    list: (webhook, { status, before, limit }) =>
      records(LIST, webhook, status ?? null, before ?? Number.MAX_SAFE_INTEGER, limit),
    find: (webhook, position) => records(ONE, webhook, position)[0],
    retry: (webhook, position, nowMs) =>
      db.write(() => Number(db.statement(RETRY).run(nowMs, webhook, position ?? null).changes)),
    hold: (owner, nowMs) =>
      db.write(() => db.statement(HOLD).run(owner, nowMs + WEBHOOK_LEASE_MS, nowMs).changes === 1),
    letGo: (owner) => db.write(() => void db.statement(LET_GO).run(owner)),
  };
}

function settle(
  db: Database,
  { webhook, position, attempts, nextAt }: Delivery,
  outcome: AttemptOutcome,
): void {
  const { status, atMs, nextAtMs = nextAt, answer = null, error = null } = outcome;
  const endedAt = status === 'pending' ? null : atMs;
  db.statement(SETTLE).run(status, nextAtMs, endedAt, answer, error, webhook, position, attempts);
  const kept = { pending: undefined, delivered: WEBHOOK_DELIVERED_KEPT_MAX, dead: WEBHOOK_DEAD_KEPT_MAX }[
    status
  ];
  if (kept !== undefined) db.statement(TRIM).run(webhook, status, kept);
}

const delivery = (r: DeliveryRecord): Delivery => ({
  webhook: r.webhook,
  position: r.position,
  runId: r.run_id,
  seq: r.seq,
  type: r.type,
  status: r.status,
  attempts: r.attempts,
  nextAt: r.next_at,
  ...(r.ended_at !== null && { endedAt: r.ended_at }),
  ...(r.answer !== null && { answer: r.answer }),
  ...(r.error !== null && { error: r.error }),
});
