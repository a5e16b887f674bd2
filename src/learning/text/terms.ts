/** Cuts a step's or a run's words into stemmed terms and pairs of neighbours, for retrieval and for weights. */

const STOP = new Set(
  'the a an of to in and or for on with from by is are be as at it this that all any into its your you we i my me can will let s t d now'.split(
    ' ',
  ),
);
const SUFFIXES: readonly (readonly [string, string])[] = [
  ['ies', 'y'],
  ['ing', ''],
  ['edly', ''],
  ['ed', ''],
  ['es', ''],
  ['s', ''],
];
const TEXT_CHARS_MAX = 4000;

/** Stemmed words in order; of a long text the last 4,000 characters, where a step says what it does. */
export function termsOf(text: string): readonly string[] {
  const found = text.slice(-TEXT_CHARS_MAX).toLowerCase().match(/[a-z][a-z0-9_+-]*|\d+/g) ?? [];
  return found.filter((word) => !STOP.has(word)).map(stem);
}

/** The terms and their neighbouring pairs. */
export function withPairs(terms: readonly string[]): readonly string[] {
  return [...terms, ...terms.slice(1).map((term, i) => `${terms[i]}_${term}`)];
}

function stem(word: string): string {
  if (word.endsWith('ss')) return word;
  for (const [suffix, instead] of SUFFIXES) {
    if (word.endsWith(suffix) && word.length - suffix.length >= 3) return word.slice(0, -suffix.length) + instead;
  }
  return word;
}
