/**
 * Copies a file too large for a pack: as a clone where the file system can, else piece by piece, with holes for zeros.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { contentHash } from './content-hash.ts';
import { fsPath } from './path-text.ts';

const PIECE_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/** The sha256 of what is at `to`, on the disk, when this returns. Throws what the file system throws, and leaves nothing. */
export function copyLarge(from: string, to: string): Buffer {
  try {
    return clone(from, to) ? Buffer.from(contentHash(to), 'hex') : copyInPieces(from, to);
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
}

function clone(from: string, to: string): boolean {
  try {
    copyFileSync(fsPath(from), to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch {
    rmSync(to, { force: true });
    return false;
  }
}

function copyInPieces(from: string, to: string): Buffer {
  const source = openSync(fsPath(from), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const target = openSync(to, 'wx', 0o600);
  try {
    const sum = createHash('sha256');
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let at = 0;
    for (let read = readSync(source, piece); read > 0; read = readSync(source, piece)) {
      const bytes = piece.subarray(0, read);
      sum.update(bytes);
      if (!bytes.equals(ZEROS.subarray(0, read))) writeWhole(target, bytes, at);
      at += read;
    }
    ftruncateSync(target, at);
    fsyncSync(target);
    return sum.digest();
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

function writeWhole(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
}
