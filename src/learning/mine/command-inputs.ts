/**
 * Which values of commands become inputs of a workflow: those that stand in several commands, or those that varied from
 * time to time. Values that always varied together are one input, also where one is a part of the other
 * (`release-7`, `origin/release-7`).
 */
import { type ShellWord, tokenizeShell } from '../shell/tokenize-shell.ts';
import { type CommandValue, commandValues } from './command-values.ts';
import { identifier } from './step-name.ts';

export interface CommandInput {
  readonly name: string;
  /** What it usually is; undefined where it was another one each time. */
  readonly usual: string | undefined;
  readonly isNumber: boolean;
  /** Other values that it had, the newest first. */
  readonly earlier: readonly string[];
}

/** Where an input stands in a command. */
export interface InputPlace {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface FoundInputs {
  readonly inputs: readonly CommandInput[];
  /** Of each command, in the order in which they stand. */
  readonly places: readonly (readonly InputPlace[])[];
}

const INPUTS_MAX = 12;
const VALUE_CHARS_MIN = 2;
const PART_CHARS_MIN = 4;
const EARLIER_SHOWN = 3;
/** A default is right more often than not. */
const USUAL_SHARE = 0.5;
/** Of a value that is in several commands by chance, rather than because it is the same thing. */
const COMMON = /^(?:true|false|yes|no|on|off|all|test|build|run|install|start|stop|src|dist|main|\d{1,2})$/i;
/** A name that somebody gave, rather than a word of the language. */
const GIVEN = /[\d._-]/;
const EDGE = /[/:=@,]/;

const isPlainNumber = (text: string): boolean => /^(?:0|[1-9]\d{0,14})$/.test(text);

/** Values that stand in two commands or more. */
export function repeatedInputs(commands: readonly string[]): FoundInputs {
  const all = commands.map(commandValues);
  const words = commands.map(wordsOf);
  const bases = new Map<string, CommandValue>();
  for (const value of all.flat())
    if (!bases.has(value.value) && isRepeated(value.value, all) && isFree(value.value, words, all))
      bases.set(value.value, value);
  const isWhole = (text: string): boolean =>
    ![...bases.keys()].some((other) => other !== text && partOf(other, text) !== undefined);
  const kept = [...bases].filter(([text]) => isWhole(text)).slice(0, INPUTS_MAX);
  const namer = new Namer();
  const inputs = kept.map(([usual, { name }]) => ({
    name: namer.name(name),
    usual,
    isNumber: isPlainNumber(usual),
    earlier: [],
  }));
  const byLength = [...inputs].sort((a, b) => b.usual.length - a.usual.length);
  const places = all.map((values) =>
    values.flatMap((value) => {
      const input = byLength.find(({ usual }) => partOf(usual, value.value) !== undefined);
      return input ? [placeIn(value, input.name, input.usual)] : [];
    }),
  );
  // one may stand only inside of a longer one
  const used = new Set(places.flat().map(({ name }) => name));
  return { inputs: inputs.filter(({ name }) => used.has(name)), places };
}

function isRepeated(text: string, all: readonly (readonly CommandValue[])[]): boolean {
  if (text.length < VALUE_CHARS_MIN || COMMON.test(text)) return false;
  return all.filter((values) => values.some(({ value }) => partOf(text, value) !== undefined)).length > 1;
}

/** It stands nowhere that an expression could not: half of a workflow would follow the input, and half would not. */
function isFree(
  text: string,
  words: readonly ReadonlyMap<string, readonly ShellWord[]>[],
  all: readonly (readonly CommandValue[])[],
): boolean {
  return words.every((own, at) =>
    (own.get(text) ?? []).every((word) =>
      all[at]?.some(({ from, to }) => from >= word.from && to <= word.to),
    ),
  );
}

/** The words of a command, by their text. */
function wordsOf(command: string): ReadonlyMap<string, readonly ShellWord[]> {
  const words = tokenizeShell(command).filter((token): token is ShellWord => token.kind === 'word');
  return Map.groupBy(words, ({ text }) => text);
}

/** Where the one stands in the other, as a whole or between two edges. */
function partOf(text: string, whole: string): number | undefined {
  if (text === whole) return 0;
  if (text.length < PART_CHARS_MIN || !GIVEN.test(text)) return undefined;
  const at = whole.indexOf(text);
  const isEdge = (place: number): boolean => whole[place] === undefined || EDGE.test(whole[place]);
  return at >= 0 && isEdge(at - 1) && isEdge(at + text.length) ? at : undefined;
}

const placeIn = (value: CommandValue, name: string, text: string): InputPlace => {
  const from = value.from + value.value.indexOf(text);
  return { name, from, to: from + text.length };
};

interface Column {
  readonly step: number;
  readonly place: CommandValue;
  /** One for each time, the newest last. */
  readonly values: readonly string[];
}

/** @param times the commands of each time, newest last; each has as many values in the same places as in the others */
export function varyingInputs(times: readonly (readonly string[])[]): FoundInputs {
  const steps = times.at(-1) ?? [];
  const columns = steps.flatMap((_, step) => columnsOf(times, step)).filter(varies);
  const bases = basesOf(columns);
  const namer = new Namer();
  const named = columns
    .filter((column) => bases.includes(column))
    .slice(0, INPUTS_MAX)
    .map((column) => ({ column, input: inputOf(column, namer.name(column.place.name)) }));
  const places = steps.map((_, step) =>
    columns.flatMap(({ step: own, place, values }) => {
      const base = own === step && named.find(({ column }) => isPartEachTime(column.values, values));
      return base ? [placeIn(place, base.input.name, base.column.values.at(-1) as string)] : [];
    }),
  );
  return { inputs: named.map(({ input }) => input), places };
}

function columnsOf(times: readonly (readonly string[])[], step: number): readonly Column[] {
  const rows = times.map((time) => commandValues(time[step] as string));
  return (rows.at(-1) ?? []).map((place, at) => ({
    step,
    place,
    values: rows.map((row) => row[at]?.value ?? ''),
  }));
}

const varies = ({ values }: Column): boolean =>
  new Set(values).size > 1 &&
  values.every((value) => value.length >= VALUE_CHARS_MIN || isPlainNumber(value));

/** Columns that hold no other one: the shorter are looked at first. */
function basesOf(columns: readonly Column[]): readonly Column[] {
  const length = ({ values }: Column): number => values.reduce((sum, value) => sum + value.length, 0);
  const bases: Column[] = [];
  for (const column of [...columns].sort((a, b) => length(a) - length(b)))
    if (!bases.some(({ values }) => isPartEachTime(values, column.values))) bases.push(column);
  return bases;
}

/** The one stands in the other each time, with the same text around it. */
function isPartEachTime(parts: readonly string[], wholes: readonly string[]): boolean {
  const [part = ''] = parts;
  const [whole = ''] = wholes;
  const at = whole.indexOf(part);
  if (at < 0) return false;
  const [before, after] = [whole.slice(0, at), whole.slice(at + part.length)];
  return wholes.every((each, time) => each === before + parts[time] + after);
}

function inputOf({ values }: Column, name: string): CommandInput {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [most, times] = [...counts].sort((a, b) => b[1] - a[1])[0] as [string, number];
  const usual = times > USUAL_SHARE * values.length ? most : undefined;
  const earlier = [...new Set(values.toReversed())]
    .filter((value) => value !== usual)
    .slice(0, EARLIER_SHOWN);
  return { name, usual, isNumber: values.every(isPlainNumber), earlier };
}

/** Names that an expression can read, each once. */
class Namer {
  readonly #taken = new Set<string>();

  name(wish: string): string {
    const base = identifier(wish).replaceAll('-', '_');
    for (let twin = 1; ; twin += 1) {
      const name = twin === 1 ? base : `${base}_${twin}`;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }
}

/** The command with `shown` in the places of its inputs; what is left is `text`. */
export function withInputs(
  command: string,
  places: readonly InputPlace[],
  shown: (place: InputPlace) => string,
  text: (literal: string) => string = (literal) => literal,
): string {
  let written = '';
  let from = 0;
  for (const place of places) {
    written += text(command.slice(from, place.from)) + shown(place);
    from = place.to;
  }
  return written + text(command.slice(from));
}
