/**
 * Reads a file that others may be writing: its content together with a stat that belongs to it.
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { bytesAt } from './pack.ts';
import { fsPath } from './path-text.ts';

const TRIES = 3;
/** A link or a fifo that took the file's place must neither be followed nor waited for. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface ReadFile {
  /** As it was before the content was read. */
  readonly stat: BigIntStats;
  readonly hash: Buffer;
  /** False: the file changed each time while it was read; the content is of no one moment. */
  readonly stable: boolean;
}

/** What becomes of a content: hashes of what was kept. */
export interface ContentSink {
  /** A file up to this goes through `put`, a larger one through `putLarge`. */
  readonly packedBytesMax: number;
  put(content: Buffer): Buffer;
  putLarge(path: string): Buffer;
}

/** Undefined when the path is not a file any more. Throws what the file system throws, `ENOENT` included. */
export function readContent(path: string, sink: ContentSink): ReadFile | undefined {
  for (let tries = 1; ; tries += 1) {
    const read = readOnce(path, sink, tries === TRIES);
    if (read !== 'again') return read;
  }
}

function readOnce(path: string, sink: ContentSink, isLast: boolean): ReadFile | undefined | 'again' {
  const at = fsPath(path);
  const file = openSync(at, READ_ONLY);
  try {
    const stat = fstatSync(file, { bigint: true });
    if (!stat.isFile()) return undefined;
    if (stat.size > sink.packedBytesMax) {
      const hash = sink.putLarge(path);
      const stable = isSame(stat, lstatSync(at, { bigint: true }));
      return stable || isLast ? { stat, hash, stable } : 'again';
    }
    // One byte more than there should be: it shows that the file grew.
    const content = bytesAt(file, 0, Number(stat.size) + 1);
    const stable = content.length === Number(stat.size) && isSame(stat, fstatSync(file, { bigint: true }));
    return stable || isLast ? { stat, hash: sink.put(content), stable } : 'again';
  } finally {
    closeSync(file);
  }
}

const isSame = (a: BigIntStats, b: BigIntStats): boolean =>
  a.size === b.size &&
  a.mtimeNs === b.mtimeNs &&
  a.ctimeNs === b.ctimeNs &&
  a.ino === b.ino &&
  a.dev === b.dev;
