/** Where an intent speaks of an input by its name, and which words beside it may be the value. */
import { termsOf } from '../text/terms.ts';
import type { IntentWord } from './intent-words.ts';

export interface Named {
  /** The words of the name. */
  readonly at: readonly number[];
  /** Words right behind it, past `to`, `is` and their like: the likeliest first. */
  readonly behind: readonly number[];
  /** Those, and the word right before it. */
  readonly around: readonly number[];
  /** `no cache`, `do not use the cache`. */
  readonly isDenied: boolean;
}

const LINKS: ReadonlySet<string> = new Set(
  'to is are as of at by = named called equals using with from for the in on'.split(' '),
);
const DENIALS: ReadonlySet<string> = new Set('no not never without skip dont disable'.split(' '));
const LINKS_BETWEEN_MAX = 2;
const BETWEEN: ReadonlySet<string> = new Set('a an any the use using do with'.split(' '));
const DENIED_BETWEEN_MAX = 3;

export function findNamed(
  words: readonly IntentWord[],
  name: readonly string[],
  taken: ReadonlySet<number>,
): Named | undefined {
  const from = words.findIndex((_, at) =>
    name.every((part, i) => !taken.has(at + i) && isSame(words[at + i], part)),
  );
  if (from < 0 || name.length === 0) return undefined;
  const at = name.map((_, i) => from + i);
  let next = from + name.length;
  for (let links = 0; links < LINKS_BETWEEN_MAX && LINKS.has(words[next]?.lower ?? ''); links += 1) next += 1;
  return { at, behind: [next], around: [from - 1, next], isDenied: isDenied(words, from) };
}

/** `no cache`, `without the cache`, `do not use any cache`. */
function isDenied(words: readonly IntentWord[], from: number): boolean {
  const lower = (at: number): string => words[at]?.lower.replace("'", '') ?? '';
  let at = from - 1;
  for (let between = 0; between < DENIED_BETWEEN_MAX && BETWEEN.has(lower(at)); between += 1) at -= 1;
  return DENIALS.has(lower(at));
}

/** Also where one is plural and the other is not. */
function isSame(word: IntentWord | undefined, part: string): boolean {
  if (!word || word.isQuoted) return false;
  return word.lower === part || (part.length > 2 && termsOf(word.lower)[0] === termsOf(part)[0]);
}
