/**
 * The functions of expressions, by name. Each may be called plainly (`trim(x)`) or as a method (`x.trim()`).
 * Owns the small ones; files, reports, hashes and regular expressions have their own homes.
 */
import { createHash } from 'node:crypto';
import type { Json } from '../../engine/core/model.ts';
import { isTooDeep, TOO_DEEP } from '../../engine/core/value-depth.ts';
import { yamlPackage } from '../source/yaml-package.ts';
import { parseCoverage } from './coverage.ts';
import { hashFiles } from './hash-files.ts';
import { parseJunit } from './junit.ts';
import { matchesPattern } from './pattern.ts';
import { pathExists, readText } from './read-file.ts';
import { type Run, spend } from './run.ts';
import { calculate, ExpressionError, toJson, typeName, type Value } from './value.ts';

export interface ExpressionFunction {
  /** Least and most arguments, a method's receiver counted. */
  readonly arity: readonly [number, number];
  readonly call: (args: Value[], run: Run) => Value;
}

/** Items that `range` makes at most. */
const RANGE_ITEMS_MAX = 10_000;
/** Text that `yaml` reads: its parser is slower than JSON's. */
const YAML_CHARS_MAX = 256 * 1024;

const text = (value: Value | undefined, name: string): string => {
  if (typeof value === 'string') return value;
  throw new ExpressionError(`\`${name}\` needs a string, found ${typeName(value ?? null)}`, {
    hint: 'convert it with string(…)',
  });
};

const whole = (value: Value | undefined, name: string): number => {
  const number = Number(value);
  if ((typeof value === 'bigint' || typeof value === 'number') && Number.isSafeInteger(number)) return number;
  throw new ExpressionError(`\`${name}\` needs a whole number, found ${describe(value ?? null)}`);
};

const describe = (value: Value): string =>
  typeof value === 'object' ? typeName(value) : `${typeName(value)} \`${String(value).slice(0, 40)}\``;

/** A function over one string. */
const ofText = (name: string, apply: (text: string, run: Run) => Value): ExpressionFunction => ({
  arity: [1, 1],
  call: ([value], run) => {
    const subject = text(value, name);
    spend(run, subject.length >> 4);
    return apply(subject, run);
  },
});

/** A function over two strings. */
const ofTexts = (
  name: string,
  apply: (text: string, other: string, run: Run) => Value,
): ExpressionFunction => ({
  arity: [2, 2],
  call: ([value, other], run) => {
    const subject = text(value, name);
    spend(run, subject.length >> 4);
    return apply(subject, text(other, name), run);
  },
});

function size(value: Value): bigint {
  if (typeof value === 'string') return BigInt([...value].length);
  if (Array.isArray(value)) return BigInt(value.length);
  if (value !== null && typeof value === 'object') return BigInt(Object.keys(value).length);
  throw new ExpressionError(`\`size\` needs a string, a list or a map, found ${typeName(value)}`);
}

/** A value as the text that a command or a message would show. */
export function toText(value: Value): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(toJson(value));
}

function toInt(value: Value): bigint {
  const number = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? BigInt(value.trim()) : value;
  if (typeof number === 'bigint') return number;
  if (typeof number === 'number' && Number.isSafeInteger(Math.trunc(number)))
    return BigInt(Math.trunc(number));
  throw new ExpressionError(`\`int\` cannot read ${describe(value)} as a whole number`);
}

function toDouble(value: Value): number {
  const isText = typeof value === 'string' && value.trim() !== '';
  const number =
    isText || typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw new ExpressionError(`\`double\` cannot read ${describe(value)} as a number`);
}

function toBool(value: Value): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new ExpressionError(`\`bool\` cannot read ${describe(value)} as true or false`);
}

function range(args: Value[], run: Run): Json {
  const [from, to] =
    args.length === 1 ? [0, whole(args[0], 'range') - 1] : [whole(args[0], 'range'), whole(args[1], 'range')];
  const count = Math.max(0, to - from + 1);
  if (count > RANGE_ITEMS_MAX) {
    throw new ExpressionError(`\`range\` makes at most ${RANGE_ITEMS_MAX} items, found ${count}`);
  }
  spend(run, count);
  return Array.from({ length: count }, (_, index) => from + index);
}

function hash(args: Value[], run: Run): string {
  const json = args.map(toJson);
  const source =
    json.length === 1 && typeof json[0] === 'string' ? json[0] : JSON.stringify(json.map(sorted));
  spend(run, source.length >> 6);
  return createHash('sha256').update(source).digest('hex');
}

/** The same map in whatever order hashes alike. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** JSON or YAML text as plain data; what the parser says becomes the message. */
function parsed(name: string, read: () => unknown): Json {
  try {
    const value = read();
    // A round trip leaves plain data only, whatever the format can express beyond JSON (dates, sets, NaN).
    if (isTooDeep(value as Json)) throw new Error(`it is ${TOO_DEEP}`);
    return (name === 'json' ? value : (JSON.parse(JSON.stringify(value ?? null)) as unknown)) as Json;
  } catch (error) {
    throw new ExpressionError(`\`${name}\` cannot read the text: ${(error as Error).message.split('\n')[0]}`);
  }
}

function yaml(source: string): Json {
  if (source.length > YAML_CHARS_MAX) {
    throw new ExpressionError(`\`yaml\` reads at most ${YAML_CHARS_MAX} characters, found ${source.length}`);
  }
  return parsed('yaml', () =>
    yamlPackage().parse(source, {
      maxAliasCount: 0,
      uniqueKeys: false,
      schema: 'core',
      merge: false,
      logLevel: 'silent',
    }),
  );
}

function join(list: Value, separator: string, run: Run): string {
  if (!Array.isArray(list)) throw new ExpressionError(`\`join\` needs a list, found ${typeName(list)}`);
  const parts = list.map(toText);
  spend(run, parts.reduce((sum, part) => sum + part.length + separator.length, 0) >> 4);
  return parts.join(separator);
}

function split(subject: string, separator: string, run: Run): Json {
  const parts = subject.split(separator);
  spend(run, parts.length);
  return parts;
}

function lines(subject: string, run: Run): Json {
  const parts = subject.split(/\r?\n/);
  if (parts.at(-1) === '') parts.pop();
  spend(run, parts.length);
  return parts;
}

function substring(args: Value[]): string {
  const chars = [...text(args[0], 'substring')];
  const from = whole(args[1], 'substring');
  const to = args.length > 2 ? whole(args[2], 'substring') : chars.length;
  if (from < 0 || to < from || to > chars.length) {
    throw new ExpressionError(`\`substring\` from ${from} to ${to} is outside of ${chars.length} characters`);
  }
  return chars.slice(from, to).join('');
}

function replace(args: Value[], run: Run): string {
  const [subject, part, by] = [text(args[0], 'replace'), text(args[1], 'replace'), text(args[2], 'replace')];
  const parts = subject.split(part);
  spend(run, (subject.length + parts.length * by.length) >> 4);
  return parts.join(by);
}

const table = {
  size: { arity: [1, 1], call: ([value]) => size(value!) },
  string: { arity: [1, 1], call: ([value]) => toText(value!) },
  int: { arity: [1, 1], call: ([value]) => toInt(value!) },
  double: { arity: [1, 1], call: ([value]) => toDouble(value!) },
  bool: { arity: [1, 1], call: ([value]) => toBool(value!) },
  type: { arity: [1, 1], call: ([value]) => typeName(value!) },
  abs: { arity: [1, 1], call: ([value]) => (Number(value) < 0 ? calculate('*', value!, -1n) : value!) },
  trim: ofText('trim', (subject) => subject.trim()),
  lower: ofText('lower', (subject) => subject.toLowerCase()),
  upper: ofText('upper', (subject) => subject.toUpperCase()),
  lowerAscii: ofText('lowerAscii', (subject) => subject.toLowerCase()),
  upperAscii: ofText('upperAscii', (subject) => subject.toUpperCase()),
  lines: ofText('lines', lines),
  split: ofTexts('split', split),
  join: {
    arity: [1, 2],
    call: ([list, by], run) => join(list!, by === undefined ? '' : text(by, 'join'), run),
  },
  replace: { arity: [3, 3], call: replace },
  substring: { arity: [2, 3], call: substring },
  startsWith: ofTexts('startsWith', (subject, part) => subject.startsWith(part)),
  endsWith: ofTexts('endsWith', (subject, part) => subject.endsWith(part)),
  contains: ofTexts('contains', (subject, part) => subject.includes(part)),
  indexOf: ofTexts('indexOf', (subject, part) => BigInt(subject.indexOf(part))),
  matches: ofTexts('matches', matchesPattern),
  range: { arity: [1, 2], call: range },
  now: { arity: [0, 0], call: (_, run) => new Date(run.scope.nowMs).toISOString() },
  hash: { arity: [1, 16], call: hash },
  json: ofText('json', (subject) => parsed('json', () => JSON.parse(subject))),
  yaml: ofText('yaml', yaml),
  read: ofText('read', (path, run) => readText(path, run)),
  exists: ofText('exists', (path, run) => pathExists(path, run)),
  hash_files: ofText('hash_files', hashFiles),
  parse_coverage: ofText('parse_coverage', (path, run) => parseCoverage(readText(path, run), path)),
  parse_junit: ofText('parse_junit', (path, run) => parseJunit(readText(path, run), path)),
} satisfies { [name: string]: ExpressionFunction };

/** Every function that is not a macro. */
export const functions: { readonly [name: string]: ExpressionFunction } = table;

/** Names for messages and suggestions, the macros included. */
export const functionNames: readonly string[] = [
  ...Object.keys(table),
  ...['has', 'default', 'all', 'exists_one', 'map', 'filter'],
].sort();
