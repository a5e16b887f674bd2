/** How alike two values look: their beginnings and ends, their words, their manner of writing. */
import { hashText } from '../rank/hash.ts';

const CHARS_MAX = 200;

export interface ValueLooks {
  readonly words: readonly string[];
  readonly manner: number;
  /** Of a path: what stands before its last slash, and behind it. */
  readonly directory: string | undefined;
  readonly base: string;
  readonly directoryHash: number;
  /** Of what begins with its last dot. */
  readonly endHash: number;
}

export function looksOf(value: string): ValueLooks {
  const directory = directoryOf(value);
  return {
    words: wordsIn(value),
    manner: mannerOf(value),
    directory,
    base: baseOf(value),
    directoryHash: hashText(directory ?? ''),
    endHash: hashText(value.slice(value.lastIndexOf('.'))),
  };
}

/** The share of the longer value that both begin and end with; 0 for the same value. */
export function likeness(one: string, other: string): number {
  if (one === other) return 0;
  const most = Math.min(one.length, other.length, CHARS_MAX);
  let first = 0;
  while (first < most && one.charCodeAt(first) === other.charCodeAt(first)) first += 1;
  let last = 0;
  while (
    last < most - first &&
    one.charCodeAt(one.length - 1 - last) === other.charCodeAt(other.length - 1 - last)
  )
    last += 1;
  return (first + last) / Math.max(one.length, other.length, 4);
}

/** Words and numbers of a value. */
export function wordsIn(value: string): readonly string[] {
  return (
    value
      .slice(0, CHARS_MAX)
      .toLowerCase()
      .match(/[a-z]{2,}|\d+/g) ?? []
  );
}

export function shareOf(words: readonly string[], among: ReadonlySet<string>): number {
  if (words.length === 0 || among.size === 0) return 0;
  let found = 0;
  for (const word of words) if (among.has(word)) found += 1;
  return found / words.length;
}

const MARKS = '/~.';

/** Values written in the same manner (case, what they begin and end with, what they hold) have the same number. */
export function mannerOf(value: string): number {
  const first = MARKS.indexOf(value[0] ?? ' ') + 1;
  const begin = first === 0 && /^\d/.test(value) ? MARKS.length + 1 : first;
  const letters = /[A-Z]/.test(value) ? (/[a-z]/.test(value) ? 2 : 1) : 0;
  const slash = value.indexOf('/');
  const marks = [value.endsWith('/'), slash >= 0 && slash < value.length - 1, /[@:]/.test(value)];
  return marks.reduce((number, mark) => 2 * number + (mark ? 1 : 0), 5 * letters + begin) + 1;
}

export function directoryOf(path: string | undefined): string | undefined {
  const slash = path?.lastIndexOf('/') ?? -1;
  return slash < 0 ? undefined : path?.slice(0, slash);
}

export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
