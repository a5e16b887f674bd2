/** The lines of a file as bytes, one at a time: what is held is one piece of the file and one line. */
import { readSync } from 'node:fs';
import { IMPORT_LINE_BYTES_MAX } from '../../engine/core/limits.ts';

const PIECE_BYTES = 1024 * 1024;
const NEWLINE = 10;
const RETURN = 13;

/** Without their ends. A line that is too long is passed over, and `onLong` called for it. */
export function* fileLines(file: number, onLong: () => void): Generator<Uint8Array> {
  const piece = Buffer.alloc(PIECE_BYTES);
  let held: Buffer[] = [];
  let bytes = 0;
  let position = 0;
  const whole = (end: Buffer): Uint8Array | undefined => {
    const line = held.length === 0 ? end : Buffer.concat([...held, end]);
    const isLong = bytes + end.length > IMPORT_LINE_BYTES_MAX;
    held = [];
    bytes = 0;
    if (isLong) onLong();
    return isLong ? undefined : withoutReturn(line);
  };
  for (;;) {
    const length = readSync(file, piece, 0, PIECE_BYTES, position);
    if (length === 0) break;
    position += length;
    let from = 0;
    for (let to = piece.indexOf(NEWLINE); to >= 0 && to < length; to = piece.indexOf(NEWLINE, from)) {
      const line = whole(piece.subarray(from, to));
      if (line) yield line;
      from = to + 1;
    }
    bytes += length - from;
    // the rest of a line that is too long anyway is only counted
    if (from < length && bytes <= IMPORT_LINE_BYTES_MAX) held.push(Buffer.from(piece.subarray(from, length)));
    else held = [];
  }
  if (bytes > 0) {
    const line = whole(Buffer.alloc(0));
    if (line) yield line;
  }
}

const withoutReturn = (line: Uint8Array): Uint8Array =>
  line.at(-1) === RETURN ? line.subarray(0, -1) : line;

/** The same as texts, without a byte order mark; bytes that are no UTF-8 become U+FFFD. */
export function* textLines(lines: Iterable<Uint8Array>): Generator<string> {
  let isFirst = true;
  for (const line of lines) {
    const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8');
    yield isFirst ? text.replace(/^\uFEFF/, '') : text;
    isFirst = false;
  }
}
