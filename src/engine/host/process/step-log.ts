/**
 * Reads what a step wrote, while it runs and afterwards, wherever its files lie. Every read is bounded by its caller.
 * Text is UTF-8; a character that is cut at the end of a read is left for the next one.
 */
import type { AttemptRef } from '../../core/ports.ts';
import { attemptPath } from './attempt-files.ts';
import { logPieces, readPart, readPieces } from './log-pieces.ts';

export interface StepLogQuery {
  /** The last lines, as many as fit into `bytesMax`. */
  readonly tailLines?: number;
  /** Or: from here on. To follow a log, pass the `nextByte` of the read before. */
  readonly fromByte?: number;
  readonly bytesMax: number;
}

export interface StepLog {
  readonly text: string;
  /** Where `text` begins in the combined log. */
  readonly fromByte: number;
  /** Where the next read goes on. */
  readonly nextByte: number;
  /** All that is known of the combined log. */
  readonly sizeBytes: number;
}

/** The combined log of an attempt; empty when it has written nothing. */
export function readStepLog(home: string, attempt: AttemptRef, query: StepLogQuery): StepLog {
  const pieces = logPieces(home, attempt);
  const sizeBytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
  const fromByte =
    query.tailLines === undefined ? (query.fromByte ?? 0) : Math.max(0, sizeBytes - query.bytesMax);
  const bytes = readPieces(pieces, fromByte, Math.min(sizeBytes, fromByte + query.bytesMax));
  const skipped = query.tailLines === undefined ? 0 : tailStart(bytes, query.tailLines, fromByte > 0);
  const whole = withoutCutEnd(bytes.subarray(skipped));
  const start = fromByte + skipped;
  return { text: whole.toString('utf8'), fromByte: start, nextByte: start + whole.length, sizeBytes };
}

/** Bytes of the combined log. */
export function stepLogSize(home: string, attempt: AttemptRef): number {
  return logPieces(home, attempt).reduce((sum, piece) => sum + piece.bytes, 0);
}

/** The first bytes of a stream that was kept apart; '' when it was not. */
export function readStream(
  home: string,
  attempt: AttemptRef,
  stream: 'stdout' | 'stderr',
  bytesMax: number,
): string {
  const path = attemptPath(home, attempt, stream === 'stdout' ? 'out' : 'err');
  const bytes = readPart(path, 0, bytesMax);
  return (bytes.length < bytesMax ? bytes : withoutCutEnd(bytes)).toString('utf8');
}

const NEWLINE = 10;

/** Where the last `lines` lines begin; a first line that was cut at the front does not count as one. */
function tailStart(bytes: Buffer, lines: number, cutInFront: boolean): number {
  let at = bytes.length - (bytes.at(-1) === NEWLINE ? 1 : 0);
  for (let seen = 0; seen < lines; seen += 1) {
    const newline = at > 0 ? bytes.lastIndexOf(NEWLINE, at - 1) : -1;
    if (newline === -1) {
      const first = bytes.indexOf(NEWLINE) + 1;
      return cutInFront && first < bytes.length ? first : 0;
    }
    at = newline;
  }
  return at + 1;
}

/** Without the beginning of a UTF-8 character whose rest is not there. */
function withoutCutEnd(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}
