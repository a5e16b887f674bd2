/** What the rules about programs share while one script is checked, and the rule for `NAME=value`. */
import type { ShellVariables } from './shell-variables.ts';
import type { Dialect, Word } from './shell-word.ts';

export type Refuse = (marks: Iterable<number>, reason: string) => void;

export interface Rules {
  readonly dialect: Dialect;
  readonly refuse: Refuse;
  readonly variables: ShellVariables;
  /** Marks given to `export` and its kin, for when some variable turns out to be a list. */
  readonly declared: number[];
  hasLists: boolean;
}

/** Variables whose value the shell itself runs or evaluates. */
const CODE_NAME =
  /^(?:PS[0-4]|BASH_ENV|SHELLOPTS|BASHOPTS|RANDOM|SRANDOM|SECONDS|LINENO|HISTCMD|OPTIND|BASHPID|LD_PRELOAD)\+?=/;

/** Variables whose value other programs give to a shell. */
const COMMAND_NAME = /^(?:\w*_COMMAND|\w*EDITOR|\w*PAGER|VISUAL)\+?=/;

/** A `NAME=value` word, in front of a command or behind `export` and `env`. */
export function checkAssignment(word: Word, rules: Rules): void {
  if (CODE_NAME.test(word.literal))
    rules.refuse(word.marks, 'in a variable that the shell runs or evaluates');
  if (COMMAND_NAME.test(word.literal))
    rules.refuse(word.marks, 'in a variable that programs run as a command');
  if (/^\w+\[/.test(word.literal)) rules.hasLists = true;
  rules.variables.assign(word.literal.slice(0, word.literal.search(/\W/)), [word]);
}
