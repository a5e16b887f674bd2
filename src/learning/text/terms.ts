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
  const found =
    text
      .slice(-TEXT_CHARS_MAX)
      .toLowerCase()
      .match(/[a-z][a-z0-9_+-]*|\d+/g) ?? [];
  return found.filter((word) => !STOP.has(word)).map(stem);
}

/** The terms and their neighbouring pairs. */
export function withPairs(terms: readonly string[]): readonly string[] {
  return [...terms, ...terms.slice(1).map((term, i) => `${terms[i]}_${term}`)];
}

/** The same for `file` and `files`, `run` and `running`, `install` and `installed`. */
function stem(word: string): string {
  const end = word.endsWith('ss')
    ? undefined
    : SUFFIXES.find(([suffix]) => word.endsWith(suffix) && word.length - suffix.length >= 3);
  const bare = end ? word.slice(0, -end[0].length) + end[1] : word;
  const short = bare.length > 3 && bare.endsWith('e') ? bare.slice(0, -1) : bare;
  return short.length > 3 && short.at(-1) === short.at(-2) ? short.slice(0, -1) : short;
}
