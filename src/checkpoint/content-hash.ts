/** The sha256 of a file's content, read in pieces: a file may be larger than memory. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const PIECE_BYTES = 1024 * 1024;
/** A link or a fifo that took the file's place must neither be followed nor waited for. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** In hex. Throws what the file system throws. */
export function contentHash(path: string | Buffer): string {
  const file = openSync(path, READ_ONLY);
  try {
    const sum = createHash('sha256');
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, fstatSync(file).size + 1));
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece))
      sum.update(piece.subarray(0, read));
    return sum.digest('hex');
  } finally {
    closeSync(file);
  }
}
