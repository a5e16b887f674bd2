/**
 * Reads a run's events and proves them: sequence, checksum chain, format, JSON. Damage is a value that names the
 * last good event; it concerns one run only.
 */
import { EVENT_TYPES, EVENT_VERSION, type Event, type JournalEvent } from '../engine/core/events.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import { FEED_PAGE_BYTES_MAX, FEED_PAGE_EVENTS } from '../engine/core/limits.ts';
import type { Corruption } from '../engine/core/ports.ts';
import { chainNext, chainStart, type StoredEvent } from './chain.ts';
import type { Database } from './database.ts';
import { StorageError } from './problem.ts';
import { type Head, head } from './projection.ts';

interface EventRow extends StoredEvent {
  readonly checksum: string;
}

export interface EventPage {
  readonly events: readonly JournalEvent[];
  readonly more: boolean;
}

/** What a page still has room for. */
interface Room {
  events: number;
  bytes: number;
}

const isFull = (room: Room): boolean => room.events <= 0 || room.bytes <= 0;

const EVENTS = `SELECT seq, at, host, epoch, v, payload, checksum FROM events
  WHERE run_id = ? AND seq >= ? ORDER BY seq`;

const KNOWN_TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

/** Events after `afterSeq`, which is trusted; checked against the run's head, so that a lost end is found too. */
export function readEvents(
  db: Database,
  runId: string,
  afterSeq: number,
): Result<readonly JournalEvent[], Corruption> {
  // The head first: events that arrive in between are then more than expected, never fewer.
  return readSafely(db, runId, afterSeq, () => head(db, runId));
}

/** As `readEvents`, but no more than a page has room for; `more`: there are others behind. */
export function readEventPage(db: Database, runId: string, afterSeq: number): Result<EventPage, Corruption> {
  const room = { events: FEED_PAGE_EVENTS, bytes: FEED_PAGE_BYTES_MAX };
  const read = readSafely(db, runId, afterSeq, () => head(db, runId), room);
  return read.ok ? ok({ events: read.value, more: isFull(room) }) : read;
}

/** All events, whatever the projections say, as long as they know of no later one. */
export function readForRebuild(db: Database, runId: string): Result<readonly JournalEvent[], Corruption> {
  return readSafely(db, runId, 0, () => {
    const known = head(db, runId);
    return known && { ...known, checksum: '' };
  });
}

function readSafely(
  db: Database,
  runId: string,
  afterSeq: number,
  expected: () => Head | undefined,
  room: Room = { events: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY },
): Result<readonly JournalEvent[], Corruption> {
  const events: JournalEvent[] = [];
  const bad = (message: string) => err({ runId, goodSeq: events.at(-1)?.seq ?? afterSeq, message });
  try {
    const end = db.guard(expected);
    const wrong = db.guard(() => collect(db, runId, afterSeq, events, room));
    if (wrong !== undefined) return bad(wrong);
    if (isFull(room)) return ok(events);
    const last = events.at(-1);
    if (end === undefined || end.seq <= afterSeq) return ok(events);
    if (last === undefined || last.seq < end.seq)
      return bad(
        `run \`${runId}\` has lost events: found up to ${last?.seq ?? afterSeq}, expected ${end.seq}`,
      );
    if (last.seq === end.seq && end.checksum !== '' && last.checksum !== end.checksum)
      return bad(`run \`${runId}\` has another last event than the one it was told to have`);
    return ok(events);
  } catch (error) {
    if (error instanceof StorageError && error.problem.code === 'corrupt') return bad(error.message);
    throw error;
  }
}

/** Fills `events` up to the first bad one and says what is wrong with that. */
function collect(
  db: Database,
  runId: string,
  afterSeq: number,
  events: JournalEvent[],
  room: Room,
): string | undefined {
  let seq = afterSeq;
  let checksum = afterSeq === 0 ? chainStart(runId) : undefined;
  for (const found of db.statement(EVENTS).iterate(runId, afterSeq)) {
    const row = found as unknown as EventRow;
    if (checksum === undefined && row.seq === afterSeq) {
      checksum = row.checksum;
      continue;
    }
    if (row.seq !== seq + 1) return `run \`${runId}\` has lost event ${seq + 1}: found event ${row.seq}`;
    if (checksum === undefined) return `run \`${runId}\` has lost event ${afterSeq}`;
    if (chainNext(checksum, row) !== row.checksum)
      return `event ${row.seq} of run \`${runId}\` is damaged: its checksum does not match`;
    const event = parse(row.payload);
    if (row.v > EVENT_VERSION || !KNOWN_TYPES.has(event.type))
      return `event ${row.seq} of run \`${runId}\` is \`${event.type}\` in format ${row.v}, written by a newer belay`;
    ({ seq, checksum } = row);
    events.push({ run_id: runId, seq, at: row.at, host: row.host, epoch: row.epoch, event, checksum });
    room.events -= 1;
    room.bytes -= row.payload.length;
    if (isFull(room)) return undefined;
  }
  return undefined;
}

/** Only called on bytes whose checksum holds, so they are what this or a newer program wrote. */
const parse = (payload: string): Event => JSON.parse(payload) as Event;
