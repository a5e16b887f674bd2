/**
 * What was learned up to a place in the log, kept so that it need not be learned again at each start. A copy that can
 * be made anew: one that is damaged, of another version or of before something was forgotten counts as none.
 */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Database } from '../database.ts';

/** Unpacked bytes; a larger one is not kept, or no snapshot of ours. */
const SNAPSHOT_BYTES_MAX = 512 * 1024 * 1024;
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
    const state: unknown = deserialize(
      zstdDecompressSync(row.bytes, { maxOutputLength: SNAPSHOT_BYTES_MAX }),
    );
    return { position: row.position, state };
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
  const data = serialize(state);
  if (data.length > SNAPSHOT_BYTES_MAX) return;
  const bytes = zstdCompressSync(data, FAST);
  db.write(() => db.statement(SAVE).run(version, position, checksumOf(position, bytes), bytes, generation));
}
