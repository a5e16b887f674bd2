/**
 * The values in a command that an expression could stand for, with what each is and where it stands. A value is one
 * whole word, what is quoted, what follows `=`, or a file that a stream goes to; never a part of a script or a pattern.
 */
import { nameCommand } from '../shell/name-command.ts';
import { type SimpleCommand, simpleCommands } from '../shell/simple-commands.ts';
import { isRedirection, type ShellToken, type ShellWord, tokenizeShell } from '../shell/tokenize-shell.ts';
import { nameByType, type Usage, usageOf } from './value-names.ts';

export interface CommandValue {
  /** What it is: `branch`, `message`, `file`. */
  readonly name: string;
  readonly value: string;
  /** Where it stands in the command, without its quotes. */
  readonly from: number;
  readonly to: number;
}

const VALUE_CHARS_MAX = 200;
const VALUES_MAX = 32;
const NO_VALUE = /^\.{0,2}$/;
/** Of what was a secret nothing is known. */
const HIDDEN = '***';
/** What a shell reads as more than itself. */
const LIVE = /[\s'"`$\\*?[\]{}~!<>|&;()#]/;
const LIVE_IN_QUOTES = /[`$\\!]/;
/** Their words are programs, patterns or options of their own. */
const SCRIPTED = new Set(
  'sh bash zsh fish dash ksh eval trap exec source . sed awk gawk perl jq yq xargs parallel find fd test [ [[ printf expr let read export set unset alias watch envsubst ssh ='.split(
    ' ',
  ),
);
const IS_SCRIPT = / -(?:c|e|lc|pe|ne)$/;
const FLAG = /^--?[A-Za-z][\w-]*/;
const ASSIGNED = /^([A-Za-z_][\w.-]*)=/;
const STREAMS: ReadonlySet<string> = new Set(['>', '>>', '<', '>|', '&>', '&>>']);
const NO_FILE = /^(?:\/dev\/.*|-|\d+)$/;

/** In the order in which they stand. */
export function commandValues(command: string): readonly CommandValue[] {
  const tokens = tokenizeShell(command);
  const values = simpleCommands(tokens).flatMap((each) => argumentValues(command, each));
  return [...values, ...streamFiles(command, tokens)].sort((a, b) => a.from - b.from).slice(0, VALUES_MAX);
}

function argumentValues(command: string, simple: SimpleCommand): readonly CommandValue[] {
  const { stub, named } = nameCommand(simple);
  const [program = ''] = stub.split(' ');
  if (SCRIPTED.has(program) || IS_SCRIPT.test(stub)) return [];
  const usage = usageOf(stub);
  const found: CommandValue[] = [];
  let flag: string | undefined;
  let place = 0;
  for (const [at, word] of simple.words.entries()) {
    if (named.has(at)) continue;
    if (isFlag(command, word)) {
      const [name = ''] = FLAG.exec(word.text) ?? [];
      found.push(...placedValue(command, word, flagName(usage, name), word.text.indexOf('=') + 1));
      flag =
        word.text.includes('=') || (usage && usage.flags[word.text] === undefined) ? undefined : word.text;
      continue;
    }
    const name =
      flag === undefined ? usage?.args[Math.min(place, usage.args.length - 1)] : flagName(usage, flag);
    found.push(...wordValue(command, word, name));
    if (flag === undefined) place += 1;
    flag = undefined;
  }
  return found;
}

const isFlag = (command: string, { text, from }: ShellWord): boolean =>
  command[from] === '-' && text.length > 1 && !/^-\d/.test(text);

/** A flag of one letter says nothing, except where the command is known. */
function flagName(usage: Usage | undefined, flag: string): string | undefined {
  const known = usage?.flags[flag];
  return known ?? (flag.replace(/^-+/, '').length > 1 ? flag.replace(/^-+/, '') : undefined);
}

/** `NAME=value` says itself what it is. */
function wordValue(command: string, word: ShellWord, name: string | undefined): readonly CommandValue[] {
  const assigned = ASSIGNED.exec(word.text);
  return assigned
    ? placedValue(command, word, assigned[1], assigned[0].length)
    : placedValue(command, word, name, 0);
}

/** What stands behind the first `skipped` characters, if all of it stands for itself; `-f=` has none with `skipped` 0. */
function placedValue(
  command: string,
  { from, to, text }: ShellWord,
  name: string | undefined,
  skipped: number,
): readonly CommandValue[] {
  if (skipped === 0 && text.startsWith('-')) return [];
  const written = command.slice(from, to);
  if (written.slice(0, skipped) !== text.slice(0, skipped)) return [];
  const place = literalPlace(written.slice(skipped));
  if (!place) return [];
  const start = from + skipped + place.from;
  const value = command.slice(start, from + skipped + place.to);
  if (value.length > VALUE_CHARS_MAX || NO_VALUE.test(value) || value.includes(HIDDEN)) return [];
  return [{ name: name ?? nameByType(value), value, from: start, to: start + value.length }];
}

/** Without its quotes; undefined where a shell would read more in it than it says. */
function literalPlace(written: string): { readonly from: number; readonly to: number } | undefined {
  const [quote] = written;
  if (quote === "'" || quote === '"') {
    const inner = written.slice(1, -1);
    const isWhole = written.length > 1 && written.endsWith(quote) && !inner.includes(quote);
    const isPlain = isWhole && !/[\n{}]/.test(inner) && (quote === "'" || !LIVE_IN_QUOTES.test(inner));
    return isPlain ? { from: 1, to: written.length - 1 } : undefined;
  }
  return LIVE.test(written) ? undefined : { from: 0, to: written.length };
}

function streamFiles(command: string, tokens: readonly ShellToken[]): readonly CommandValue[] {
  return tokens.flatMap((token, at) => {
    const before = tokens[at - 1];
    const isFile =
      token.kind === 'word' &&
      before?.kind === 'operator' &&
      isRedirection(before) &&
      STREAMS.has(before.text) &&
      !NO_FILE.test(token.text);
    return isFile ? placedValue(command, token, 'file', 0) : [];
  });
}
