/** What the shell reader hands around: words, the quoting of values in them, and the differences between shells. */

export type Quoting = 'bare' | 'double' | 'single' | 'ansi';

/** What differs between shells. `posix`: only sh is sure. `evaluates`: builtins read numbers as arithmetic (ksh, zsh). */
export interface Dialect {
  readonly posix: boolean;
  readonly evaluates: boolean;
}

/** Stands in `Word.literal` for a value, and for something that only the shell knows. */
export const VALUE_HOLE = '\uf8fe';
export const SHELL_HOLE = '\uf8ff';

export interface Word {
  readonly start: number;
  /** As written. */
  readonly raw: string;
  /** Without quotes; values and expansions are holes. */
  readonly literal: string;
  /** Marks in the word, those in nested commands too. */
  readonly marks: readonly number[];
  /** Names of the variables it expands, those in nested commands too. */
  readonly expanded: readonly string[];
}

/** The script leaves what the lexer understands. */
export class ShellLost extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** All marks of some words. */
export const marksOf = (words: readonly Word[]): number[] => words.flatMap((word) => word.marks);

/** True when the whole word is written in the script. */
export const isStatic = (word: Word): boolean => !/[\uf8fe\uf8ff]/.test(word.literal);

/** True when a value could make the word start with a dash. */
export const startsWithHole = (word: Word): boolean =>
  /^[\uf8fe\uf8ff]/.test(word.literal) && word.marks.length > 0;
