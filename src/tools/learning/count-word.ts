/** Small numbers as people write them in a sentence. */
const WORDS = 'no one two three four five six seven eight nine ten eleven twelve'.split(' ');

/** `three earlier runs`; from thirteen on in digits. */
export const counted = (count: number, noun: string): string =>
  `${WORDS[count] ?? count} ${noun}${count === 1 ? '' : 's'}`;

/** How `well` of them ended, as the end of a sentence about `count`. */
export function endedWell(well: number, count: number): string {
  if (count === 1) return well === 1 ? 'it succeeded' : 'it did not succeed';
  if (well === count) return count === 2 ? 'both succeeded' : 'all succeeded';
  return `${WORDS[well] ?? well} succeeded`;
}
