/**
 * What was learned up to a place in the log, kept so that it need not be learned again at each start. A copy that can
 * be made anew: one that is damaged, of another version or of before something was forgotten counts as none.
 */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Database } from '../database.ts';

/** A larger one is not kept. */
const PACKED_BYTES_MAX = 128 * 1024 * 1024;
/** One that unpacks to more is none of ours. */
const UNPACKED_BYTES_MAX = 512 * 1024 * 1024;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export interface ModelSnapshot {
  /** Id of the last session that it knows. */
  readonly position: number;
  /** Plain data. */
  readonly state: unknown;
}

const LOAD = 'SELECT version, position, checksum, bytes FROM snapshots';
const SAVE = `INSERT INTO snapshots (id, version, position, checksum, bytes)
  SELECT 1, ?, ?, ?, ? FROM marks WHERE generation = ?
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, position = excluded.position,
    checksum = excluded.checksum, bytes = excluded.bytes
    WHERE excluded.position > snapshots.position OR excluded.version <> snapshots.version`;

const checksumOf = (position: number, bytes: Uint8Array): string =>
  createHash('sha256').update(`${position}\n`).update(bytes).digest('hex');

export function loadSnapshot(db: Database, version: string): ModelSnapshot | undefined {
  const row = db.guard(() => db.statement(LOAD).get()) as unknown as
    | {
        readonly version: string;
        readonly position: number;
        readonly checksum: string;
        readonly bytes: Uint8Array;
      }
    | undefined;
  if (row?.version !== version || checksumOf(row.position, row.bytes) !== row.checksum) return undefined;
  try {
    return { position: row.position, state: unpackState(row.bytes) };
  } catch {
    return undefined;
  }
}

/** Leaves a snapshot that knows more, and writes none of a generation that is over. */
export function saveSnapshot(
  db: Database,
  version: string,
  generation: number,
  { position, state }: ModelSnapshot,
): void {
  const bytes = packState(state);
  if (bytes.length > PACKED_BYTES_MAX) return;
  db.write(() => db.statement(SAVE).run(version, position, checksumOf(position, bytes), bytes, generation));
}

/** The bytes of plain data. */
export const packState = (state: unknown): Uint8Array => zstdCompressSync(serialize(state), FAST);

/** Throws where the bytes are no state. */
export const unpackState = (bytes: Uint8Array): unknown =>
  deserialize(zstdDecompressSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX }));
