/**
 * The habits that come with Belay, `templates/learning/habits.json.gz`: made of public histories by `bench/habits.ts`.
 * Read when the first model is made, once; without the file models begin with nothing.
 */
import { type Habits, readHabits } from '../../learning/habits/habits.ts';
import { bundledFile } from './bundled-file.ts';

let known: { readonly habits: Habits | undefined } | undefined;

export function bundledHabits(): Habits | undefined {
  if (!known) {
    const read = readHabits(bundledFile('habits.json.gz'));
    known = { habits: read.ok ? read.value : undefined };
  }
  return known.habits;
}
