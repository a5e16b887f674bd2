/**
 * Notes of any length as notes that the journal takes: a long one goes in pieces.
 * 1. What is read back was written whole: pieces without their last one are as if they had not been written.
 */
import { CALL_NOTE_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';

/** A character is at most three bytes of UTF-8 for each unit, and a quote in JSON text is escaped once more. */
const PIECE_CHARS = Math.floor(CALL_NOTE_BYTES_MAX / 8);

/** In order; to be noted one after the other. */
export function notePieces(note: JsonObject): readonly JsonObject[] {
  const text = JSON.stringify(note);
  if (Buffer.byteLength(text) <= CALL_NOTE_BYTES_MAX) return [note];
  const pieces: JsonObject[] = [];
  for (let start = 0; start < text.length; start += PIECE_CHARS) {
    const isLast = start + PIECE_CHARS >= text.length;
    pieces.push({
      kind: 'piece',
      at: pieces.length,
      text: text.slice(start, start + PIECE_CHARS),
      ...(isLast && { last: true }),
    });
  }
  return pieces;
}

/** The notes that were written whole. */
export function wholeNotes(notes: readonly Json[]): readonly JsonObject[] {
  const whole: JsonObject[] = [];
  let begun = '';
  for (const note of notes as readonly JsonObject[]) {
    if (note.kind !== 'piece') {
      whole.push(note);
      continue;
    }
    // a host may have died between two pieces, and the next one has begun again
    begun = note.at === 0 ? String(note.text) : `${begun}${note.text}`;
    if (note.last === true) whole.push(JSON.parse(begun) as JsonObject);
  }
  return whole;
}
