/**
 * The combined log of an attempt as a list of pieces of files. One file in the plain case; where streams were kept
 * apart, the pieces between marks, out before err in each. Positions in the combined log never move once they are
 * known, so that a reader can go on where it stopped. Reads only.
 */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type { AttemptRef } from '../../core/ports.ts';
import { attemptPath } from './attempt-files.ts';

export interface Piece {
  readonly path: string;
  readonly fromByte: number;
  readonly bytes: number;
}

export function logPieces(home: string, attempt: AttemptRef): readonly Piece[] {
  const path = (kind: 'log' | 'out' | 'err') => attemptPath(home, attempt, kind);
  const log = { path: path('log'), fromByte: 0, bytes: sizeOf(path('log')) };
  const pieces: Piece[] = log.bytes > 0 ? [log] : [];
  let last = { out: 0, err: 0 };
  for (const mark of marks(attemptPath(home, attempt, 'marks'))) {
    pieces.push(
      { path: path('out'), fromByte: last.out, bytes: mark.out - last.out },
      { path: path('err'), fromByte: last.err, bytes: mark.err - last.err },
    );
    last = mark;
  }
  return pieces.filter((piece) => piece.bytes > 0);
}

/** Bytes `fromByte` to `toByte` of the combined log. */
export function readPieces(pieces: readonly Piece[], fromByte: number, toByte: number): Buffer {
  const found: Buffer[] = [];
  let start = 0;
  for (const piece of pieces) {
    const from = Math.max(fromByte - start, 0);
    const to = Math.min(toByte - start, piece.bytes);
    if (from < to) found.push(readPart(piece.path, piece.fromByte + from, to - from));
    start += piece.bytes;
  }
  return Buffer.concat(found);
}

/** Up to `bytes` bytes of a file; fewer where it ends, none where it is not there. */
export function readPart(path: string, fromByte: number, bytes: number): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const buffer = Buffer.alloc(Math.min(bytes, sizeOf(path)));
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, fromByte));
  } finally {
    closeSync(fd);
  }
}

function marks(path: string): readonly { readonly out: number; readonly err: number }[] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [out, err] = line.split(' ');
      return { out: Number(out), err: Number(err) };
    });
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
