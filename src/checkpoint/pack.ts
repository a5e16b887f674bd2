/**
 * The pack: a file of many objects one after the other, and behind them the list of what lies where.
 *
 *     objects | rows: sha256, then offset, stored, size (uint32 each) | sha256 of the rows | end of objects, count | magic
 *
 * An object whose stored length is its size lies there as it is, any other as a zstd frame.
 */
import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

const MAGIC = Buffer.from('belaypk1');
const HASH_BYTES = 32;
const ROW_BYTES = HASH_BYTES + 3 * 4;
const TAIL_BYTES = HASH_BYTES + 2 * 4 + MAGIC.length;
/** Below this, and above seven eighths of the size, compression costs more than it saves. */
const COMPRESSED_BYTES_MIN = 256;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** One object in a pack. */
export interface Packed {
  readonly hash: Buffer;
  readonly offset: number;
  /** Bytes in the pack. */
  readonly stored: number;
  /** Bytes of the content. */
  readonly size: number;
}

/** The bytes that stand for `content` in a pack. */
export function packedBytes(content: Buffer): Buffer {
  if (content.length < COMPRESSED_BYTES_MIN) return content;
  const frame = zstdCompressSync(content, FAST);
  return frame.length < (content.length * 7) / 8 ? frame : content;
}

/** The content behind `packedBytes`; throws when they are no such bytes. */
export function unpackedBytes(stored: Buffer, size: number): Buffer {
  return stored.length === size ? stored : zstdDecompressSync(stored, { maxOutputLength: size });
}

/** Writes the list of a pack, row by row. */
export class PackListWriter {
  count = 0;
  #rows: Buffer = Buffer.alloc(256 * ROW_BYTES);

  add({ hash, offset, stored, size }: Packed): void {
    const at = this.count * ROW_BYTES;
    if (at === this.#rows.length) this.#rows = Buffer.concat([this.#rows, Buffer.alloc(at)]);
    this.#rows.set(hash, at);
    this.#rows.writeUInt32LE(offset, at + HASH_BYTES);
    this.#rows.writeUInt32LE(stored, at + HASH_BYTES + 4);
    this.#rows.writeUInt32LE(size, at + HASH_BYTES + 8);
    this.count += 1;
  }

  /** What comes behind the objects, which end at `end`. */
  tail(end: number): readonly Buffer[] {
    const list = this.#rows.subarray(0, this.count * ROW_BYTES);
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32LE(end, 0);
    numbers.writeUInt32LE(this.count, 4);
    return [list, hash('sha256', list, 'buffer'), numbers, MAGIC];
  }
}

/** The list of a pack, kept as its bytes. */
export class PackList {
  readonly count: number;
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.count = bytes.length / ROW_BYTES;
  }

  /** Of the pack at `path`; undefined when the file is no whole pack. Throws what the file system throws. */
  static read(path: string): PackList | undefined {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (size < TAIL_BYTES) return undefined;
      const tail = bytesAt(file, size - TAIL_BYTES, TAIL_BYTES);
      const end = tail.readUInt32LE(HASH_BYTES);
      const length = tail.readUInt32LE(HASH_BYTES + 4) * ROW_BYTES;
      if (!tail.subarray(-MAGIC.length).equals(MAGIC) || end + length + TAIL_BYTES !== size) return undefined;
      const list = bytesAt(file, end, length);
      return hash('sha256', list, 'buffer').equals(tail.subarray(0, HASH_BYTES))
        ? new PackList(list)
        : undefined;
    } finally {
      closeSync(file);
    }
  }

  at(index: number): Packed {
    const at = index * ROW_BYTES;
    return {
      hash: this.#bytes.subarray(at, at + HASH_BYTES),
      offset: this.#bytes.readUInt32LE(at + HASH_BYTES),
      stored: this.#bytes.readUInt32LE(at + HASH_BYTES + 4),
      size: this.#bytes.readUInt32LE(at + HASH_BYTES + 8),
    };
  }
}

/** `length` bytes at `offset`, fewer where the file ends. */
export function bytesAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const now = readSync(file, bytes, read, length - read, offset + read);
    if (now === 0) break;
    read += now;
  }
  return bytes.subarray(0, read);
}
