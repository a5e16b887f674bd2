/**
 * The order in which the events of all runs were committed, so that whoever follows every run can go on where he was.
 * 1. A position is given inside the transaction of its event, and there is one writer at a time: what a reader has not
 *    seen yet is always behind what he has.
 * 2. A trigger gives it, so that no way to append can forget to.
 * Events from before there was a feed are not in it.
 */
import { EVENT_TYPES, EVENT_VERSION, type Event, type JournalEvent } from '../engine/core/events.ts';
import { FEED_PAGE_BYTES_MAX } from '../engine/core/limits.ts';
import { chainNext, chainStart, type StoredEvent } from './chain.ts';
import type { Database } from './database.ts';

export const FEED_TABLE = `
  CREATE TABLE feed (position INTEGER NOT NULL PRIMARY KEY, run_id TEXT NOT NULL, seq INTEGER NOT NULL);
  CREATE TRIGGER feed_follows AFTER INSERT ON events BEGIN
    INSERT INTO feed (run_id, seq) VALUES (new.run_id, new.seq);
  END;
`;

export interface FeedEntry {
  /** Rises; may leave numbers out. */
  readonly position: number;
  readonly runId: string;
  readonly seq: number;
  /** Name of the run's workflow; absent where only the event is left of the run. */
  readonly workflow?: string;
  /** Absent where it does not verify: the run's own journal says what is wrong. */
  readonly event?: JournalEvent;
}

export interface Feed {
  /** Position of the last event, 0 where there is none. */
  end(): number;
  /** Entries behind `after`, at most `limit`, and no more than a page has bytes; none only where there are none. */
  read(after: number, limit: number): readonly FeedEntry[];
}

interface FeedRecord extends StoredEvent {
  readonly position: number;
  readonly run_id: string;
  readonly workflow: string | null;
  readonly checksum: string | null;
  /** Checksum of the event before it. */
  readonly before: string | null;
}

const END = 'SELECT max(position) AS position FROM feed';
const PAGE = `SELECT feed.position, feed.run_id, feed.seq, runs.workflow, found.at, found.host, found.epoch, found.v,
    found.payload, found.checksum, prior.checksum AS before
  FROM feed
    LEFT JOIN events AS found ON found.run_id = feed.run_id AND found.seq = feed.seq
    LEFT JOIN events AS prior ON prior.run_id = feed.run_id AND prior.seq = feed.seq - 1
    LEFT JOIN runs ON runs.run_id = feed.run_id
  WHERE feed.position > ? ORDER BY feed.position LIMIT ?`;

const KNOWN_TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

export const feed = (db: Database): Feed => ({
  end: () => db.guard(() => (db.statement(END).get()?.position ?? 0) as number),
  read: (after, limit) => db.guard(() => readPage(db, after, limit)),
});

function readPage(db: Database, after: number, limit: number): readonly FeedEntry[] {
  const page: FeedEntry[] = [];
  let bytes = 0;
  for (const found of db.statement(PAGE).iterate(after, limit)) {
    const record = found as unknown as FeedRecord;
    page.push(entry(record));
    bytes += record.payload?.length ?? 0;
    if (bytes >= FEED_PAGE_BYTES_MAX) break;
  }
  return page;
}

function entry(record: FeedRecord): FeedEntry {
  const { position, run_id: runId, seq, workflow } = record;
  const event = verified(record);
  return { position, runId, seq, ...(workflow !== null && { workflow }), ...(event && { event }) };
}

function verified(record: FeedRecord): JournalEvent | undefined {
  const { run_id, seq, at, host, epoch, v, payload, checksum } = record;
  const before = seq === 1 ? chainStart(run_id) : record.before;
  if (checksum === null || before === null || v > EVENT_VERSION) return undefined;
  if (chainNext(before, record) !== checksum) return undefined;
  const event = JSON.parse(payload) as Event;
  return KNOWN_TYPES.has(event.type) ? { run_id, seq, at, host, epoch, event, checksum } : undefined;
}
