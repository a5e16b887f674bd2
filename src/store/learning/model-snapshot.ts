/**
 * What was learned up to a place in the log, kept so that it need not be learned again at each start. A copy that can
 * be made anew: one that is damaged, of another version or of before something was forgotten counts as none.
 * 1. It is written in parts, each in a transaction of its own, so that nothing waits long; the row that names their
 *    attempt comes last, and only if all of them are there. Until then the one before counts.
 * 2. Nothing is written of a generation that is over.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, type ZstdOptions, zstdCompress, zstdCompressSync, zstdDecompress } from 'node:zlib';
import type { Database } from '../database.ts';
import { StorageError } from '../problem.ts';
import { flatten, unflatten } from './flat-state.ts';

/** What a piece may unpack to: more is none of ours, and is not kept. */
const PIECE_BYTES_MAX = 64 * 1024 * 1024;
const PARTS_MAX = 512;
const LARGE_BYTES_MIN = 128 * 1024;
const FAST = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };
/** The library asks for as much room at once as there are bytes; a little more tells it that this was all. */
const SPARE_BYTES = 64;

export interface ModelSnapshot {
  /** Id of the last session that it knows. */
  readonly position: number;
  /** Plain data. */
  readonly state: unknown;
}

interface PartRow {
  readonly position: number;
  readonly parts: number;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** The id tells SQLite that there is one snapshot: it reads the parts in their order then, and need not sort them. */
const LOAD = `SELECT position, parts, size, bytes FROM snapshots JOIN snapshot_parts USING (attempt)
  WHERE snapshots.id = 1 AND version = ? ORDER BY part`;
const ADD_PART = `INSERT INTO snapshot_parts (attempt, part, size, bytes) SELECT ?, ?, ?, ? FROM marks
  WHERE generation = ?`;
const NAME = `INSERT INTO snapshots (id, version, position, attempt, parts)
  SELECT 1, ?1, ?2, ?3, ?4 FROM marks
    WHERE generation = ?5 AND (SELECT count(*) FROM snapshot_parts WHERE attempt = ?3) = ?4
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, position = excluded.position,
    attempt = excluded.attempt, parts = excluded.parts
    WHERE excluded.position >= snapshots.position OR excluded.version <> snapshots.version`;
/** One part that no snapshot has. Of an attempt that is still under way too: it ends as if it had not been made. */
const DROP_ONE = `DELETE FROM snapshot_parts WHERE rowid = (SELECT rowid FROM snapshot_parts
  WHERE attempt NOT IN (SELECT attempt FROM snapshots) LIMIT 1)`;

const compress = promisify<Uint8Array, ZstdOptions, Uint8Array>(zstdCompress);
const decompress = promisify<Uint8Array, ZstdOptions, Uint8Array>(zstdDecompress);

/** The snapshot in the database. What is being kept when `finish` is called is written then, at once. */
export class Snapshots {
  readonly #db: () => Database;
  readonly #writers = new Set<SnapshotWriter>();

  constructor(db: () => Database) {
    this.#db = db;
  }

  async load(version: string): Promise<ModelSnapshot | undefined> {
    return loadSnapshot(this.#db(), version);
  }

  /** Leaves one that knows more. The state is let go of while it is written. */
  keep(version: string, generation: number, snapshot: ModelSnapshot): Promise<void> {
    const writer = new SnapshotWriter(this.#db(), version, generation, snapshot);
    this.#writers.add(writer);
    return writer.write().finally(() => this.#writers.delete(writer));
  }

  finish(): void {
    for (const writer of this.#writers) writer.finish();
  }
}

async function loadSnapshot(db: Database, version: string): Promise<ModelSnapshot | undefined> {
  const unpacking: Promise<Uint8Array | undefined>[] = [];
  let [position, parts] = [0, 0];
  db.guard(() => {
    // unpacked while the next one is read
    for (const row of db.statement(LOAD).iterate(version) as unknown as Iterable<PartRow>) {
      ({ position, parts } = row);
      unpacking.push(unpacked(row));
    }
  });
  const [head, ...pieces] = (await Promise.all(unpacking)).filter((piece) => piece !== undefined);
  if (!head || pieces.length + 1 !== parts) return undefined;
  try {
    return { position, state: unflatten(head, pieces) };
  } catch {
    return undefined;
  }
}

/** Undefined where it is damaged. */
async function unpacked({ bytes, size }: PartRow): Promise<Uint8Array | undefined> {
  if (size > PIECE_BYTES_MAX) return undefined;
  const options = { chunkSize: size + SPARE_BYTES, maxOutputLength: size };
  const piece = await decompress(bytes, options).catch(() => undefined);
  giveBack(bytes);
  return piece?.length === size ? piece : undefined;
}

/** Lets go of the memory at once: many such buffers would lie about before the collector sees a reason to come. */
function giveBack({ buffer }: Uint8Array): void {
  // a small one shares its memory with others
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= LARGE_BYTES_MIN) buffer.transfer(0);
}

const packing = (piece: Uint8Array): ZstdOptions => ({
  chunkSize: piece.length + SPARE_BYTES,
  params: FAST,
});

/** A snapshot on its way into the database, a part at a time. */
class SnapshotWriter {
  readonly #db: Database;
  readonly #of: { readonly version: string; readonly generation: number; readonly position: number };
  readonly #attempt = randomUUID();
  readonly #pieces: Generator<Uint8Array, void>;
  #piece: Uint8Array;
  #parts = 0;
  #isDone = false;
  #isCut = false;

  constructor(db: Database, version: string, generation: number, { position, state }: ModelSnapshot) {
    this.#db = db;
    this.#of = { version, generation, position };
    this.#pieces = flatten(state);
    this.#piece = this.#pieces.next().value as Uint8Array;
  }

  /** Others get their turn between two parts; then what the snapshot before was made of goes, a part at a time too. */
  async write(): Promise<void> {
    while (!this.#isDone) {
      const packed = await compress(this.#piece, packing(this.#piece));
      if (!this.#isDone) this.#add(packed);
    }
    while (!this.#isCut && this.#dropOne()) await setImmediate();
  }

  /** Writes what is left of it at once: the process is about to end, also where it cannot be written. */
  finish(): void {
    try {
      while (!this.#isDone) this.#add(zstdCompressSync(this.#piece, packing(this.#piece)));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
    } finally {
      this.#isDone = true;
      this.#isCut = true;
    }
  }

  #add(packed: Uint8Array): void {
    const { version, generation, position } = this.#of;
    const { length: size } = this.#piece;
    const isWanted = size <= PIECE_BYTES_MAX && this.#parts < PARTS_MAX;
    const isAdded = isWanted && this.#run(ADD_PART, this.#attempt, this.#parts, size, packed, generation);
    giveBack(packed);
    this.#parts += 1;
    const next = this.#pieces.next();
    this.#isDone = !isAdded || next.done === true;
    if (!next.done) this.#piece = next.value;
    else if (isAdded) this.#run(NAME, version, position, this.#attempt, this.#parts, generation);
  }

  #dropOne(): boolean {
    return this.#run(DROP_ONE);
  }

  /** Whether that changed anything. */
  #run(sql: string, ...values: readonly (string | number | Uint8Array)[]): boolean {
    return this.#db.write(() => this.#db.statement(sql).run(...values)).changes !== 0;
  }
}
