/** What the rules about programs share while one script is checked, and the rule for `NAME=value`. */
import type { ShellVariables } from './shell-variables.ts';
import { type Dialect, marksOf, type Word } from './shell-word.ts';

export type Refuse = (marks: Iterable<number>, reason: string) => void;

export interface Rules {
  readonly dialect: Dialect;
  readonly refuse: Refuse;
  readonly variables: ShellVariables;
  /** Marks given to `export` and its kin, for when some variable turns out to be a list. */
  readonly declared: number[];
  hasLists: boolean;
}

/** Refuses words that are read as code: their marks, and what flows into the variables that they expand. */
export function refuseCode(words: readonly Word[], reason: string, { variables, refuse }: Rules): void {
  for (const word of words) variables.use(word, 'code');
  refuse(marksOf(words), reason);
}

/** Variables whose value the shell itself runs or evaluates. */
const CODE_NAME =
  /^(?:PS[0-4]|BASH_ENV|SHELLOPTS|BASHOPTS|RANDOM|SRANDOM|SECONDS|LINENO|HISTCMD|OPTIND|BASHPID|LD_PRELOAD)\+?=/;

/** Variables whose value other programs give to a shell. */
const COMMAND_NAME = /^(?:\w*_COMMAND|\w*EDITOR|\w*PAGER|VISUAL)\+?=/;

/** A `NAME=value` word, in front of a command or behind `export` and `env`. */
export function checkAssignment(word: Word, rules: Rules): void {
  if (CODE_NAME.test(word.literal))
    refuseCode([word], 'in a variable that the shell runs or evaluates', rules);
  if (COMMAND_NAME.test(word.literal))
    refuseCode([word], 'in a variable that programs run as a command', rules);
  if (/^\w+\[/.test(word.literal)) rules.hasLists = true;
  rules.variables.assign(word.literal.slice(0, word.literal.search(/\W/)), [word]);
}
