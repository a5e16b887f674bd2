/**
 * The one place that appends events.
 * 1. An event is written together with its projections, and only when `expectedSeq` and the epoch hold.
 * 2. Sequence numbers have no gap, and each checksum links to the event before it.
 * 3. What `append` returns as ok is on the disk; after `storage` nothing of the call is.
 */
import { EVENT_VERSION, type Event, type EventOf, type JournalEvent } from '../engine/core/events.ts';
import { assert, err, ok, type Result } from '../engine/core/failure.ts';
import type { Append, AppendRefused, ProjectionChange } from '../engine/core/ports.ts';
import { chainNext, chainStart } from './chain.ts';
import { groupTakenBy } from './concurrency-groups.ts';
import type { Database } from './database.ts';
import { StorageError } from './problem.ts';
import { type Head, head, project, projectDetails } from './projection.ts';

/** One event; callers cap outputs far below, so more is a bug. */
const EVENT_BYTES_MAX = 8 * 1024 * 1024;

const INSERT_EVENT = `INSERT INTO events (run_id, seq, at, host, epoch, v, payload, checksum)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

const INSERT_RUN = `INSERT INTO runs (run_id, seq, epoch, checksum, status, done, total, created_at, started_at,
  finished_at, workflow, version, idempotency_key, reason, next_timer_at, priority)
  VALUES (?, 1, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const RUN_OF_KEY = 'SELECT run_id FROM runs WHERE idempotency_key = ?';

/** Who appends, when, under which lease. */
interface Stamp {
  readonly atMs: number;
  readonly host: string;
  readonly epoch: number;
}

type Link = Pick<Head, 'seq' | 'checksum'>;

/** JSON of an event. Done before the transaction, so that others wait less. */
export function serialize(event: Event): string {
  const payload = JSON.stringify(event);
  const small = payload.length * 3 <= EVENT_BYTES_MAX || Buffer.byteLength(payload) <= EVENT_BYTES_MAX;
  assert(small, `event \`${event.type}\` is over ${EVENT_BYTES_MAX} bytes`);
  return payload;
}

/** Writes the row of one event; the caller moves the run's head in the same transaction. */
export function writeEvent(
  db: Database,
  runId: string,
  link: Link,
  stamp: Stamp,
  event: Event,
  payload: string,
): JournalEvent {
  const { host, epoch, atMs: at } = stamp;
  const seq = link.seq + 1;
  const checksum = chainNext(link.checksum, { seq, at, host, epoch, v: EVENT_VERSION, payload });
  db.statement(INSERT_EVENT).run(runId, seq, at, host, epoch, EVENT_VERSION, payload, checksum);
  return { run_id: runId, seq, at, host, epoch, event, checksum };
}

export function create(
  db: Database,
  runId: string,
  event: EventOf<'run.created'>,
  by: { readonly host: string; readonly atMs: number },
  change: ProjectionChange,
): Result<{ readonly existing?: string }, AppendRefused> {
  const payload = serialize(event);
  return storageAsValue(() =>
    db.write(() => {
      const key = event.idempotency_key ?? null;
      const existing = key === null ? undefined : db.statement(RUN_OF_KEY).get(key);
      if (existing !== undefined) return ok({ existing: existing.run_id as string });
      const taken = head(db, runId);
      if (taken !== undefined) return err({ kind: 'conflict', seq: taken.seq });
      const run = groupTakenBy(db, event);
      if (run !== undefined) return err({ kind: 'group_taken', run });
      insertRun(db, runId, event, by, payload, change);
      return ok({});
    }),
  );
}

function insertRun(
  db: Database,
  runId: string,
  event: EventOf<'run.created'>,
  by: { readonly host: string; readonly atMs: number },
  payload: string,
  change: ProjectionChange,
): void {
  const start = { seq: 0, checksum: chainStart(runId) };
  const { checksum } = writeEvent(db, runId, start, { ...by, epoch: 0 }, event, payload);
  db.statement(INSERT_RUN).run(
    runId,
    checksum,
    change.status,
    change.done,
    change.total,
    by.atMs,
    change.startedAt ?? null,
    change.finishedAt ?? null,
    event.workflow,
    event.version,
    event.idempotency_key ?? null,
    change.reason ?? null,
    change.nextTimerAt ?? null,
    event.priority ?? 0,
  );
  projectDetails(db, runId, 1, change);
}

export function append(
  db: Database,
  batches: readonly Append[],
): readonly Result<readonly JournalEvent[], AppendRefused>[] {
  const payloads = batches.map((batch) => batch.events.map(serialize));
  const written = storageAsValue(() =>
    ok(db.write(() => batches.map((batch, i) => appendBatch(db, batch, payloads[i]!)))),
  );
  return written.ok ? written.value : batches.map(() => written);
}

function appendBatch(
  db: Database,
  batch: Append,
  payloads: readonly string[],
): Result<readonly JournalEvent[], AppendRefused> {
  const { runId, epoch, events } = batch;
  const before = head(db, runId);
  if (before === undefined) return err({ kind: 'unknown_run' });
  if (epoch !== undefined && epoch !== before.epoch) return err({ kind: 'fenced', epoch: before.epoch });
  if (batch.expectedSeq !== before.seq) return err({ kind: 'conflict', seq: before.seq });
  const stamp = { atMs: batch.atMs, host: batch.host, epoch: before.epoch };
  const appended: JournalEvent[] = [];
  let link: Link = before;
  for (let i = 0; i < events.length; i++) {
    const event = writeEvent(db, runId, link, stamp, events[i]!, payloads[i]!);
    appended.push(event);
    link = event;
  }
  const after = { seq: link.seq, checksum: link.checksum, touched: epoch === undefined };
  project(db, runId, before, after, batch.change);
  return ok(appended);
}

function storageAsValue<T>(act: () => Result<T, AppendRefused>): Result<T, AppendRefused> {
  try {
    return act();
  } catch (error) {
    if (error instanceof StorageError) return err({ kind: 'storage', message: error.message });
    throw error;
  }
}
