/**
 * The habits that come with Belay, `templates/learning/habits.zst`: made of public histories by `bench/habits.ts`.
 * Read when the first model is made, once; without the file models begin with nothing.
 */
import { deserialize } from 'node:v8';
import { zstdDecompressSync } from 'node:zlib';
import { type Habits, readHabits } from '../../learning/habits/habits.ts';
import { BUNDLED_BYTES_MAX, bundledFile } from './bundled-file.ts';

let known: { readonly habits: Habits | undefined } | undefined;

export function bundledHabits(): Habits | undefined {
  if (!known) {
    const read = readHabits(bundledFile('habits.zst', unpacked));
    known = { habits: read.ok ? read.value : undefined };
  }
  return known.habits;
}

const unpacked = (packed: Buffer): unknown =>
  deserialize(zstdDecompressSync(packed, { maxOutputLength: BUNDLED_BYTES_MAX }));
