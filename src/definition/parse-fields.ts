/**
 * Runs a zod schema over a part of the definition and words what it finds as diagnostics.
 * A field that is wrong is reported and left out, and the rest is still handed back, so that the checks that
 * follow see as much of the definition as possible and everything is reported at once.
 */
import type * as z from 'zod';
import type { Json, JsonObject } from '../engine/core/model.ts';
import { type DiagnosticList, describe, type Finding, formatPath, type Path } from './diagnostic.ts';
import { didYouMean, nearHint } from './did-you-mean.ts';
import { keysAt } from './schema-keys.ts';

type Issue = z.core.$ZodIssue;

/** The parsed fields; without those that are wrong, and `{}` when nothing could be kept. */
export function parseFields<Schema extends z.ZodObject>(
  schema: Schema,
  raw: JsonObject,
  path: Path,
  list: DiagnosticList,
  /** All keys that would be understood here, for hints. */
  known: readonly string[] = Object.keys(schema.shape),
): Partial<z.output<Schema>> {
  const first = schema.safeParse(raw);
  if (first.success) return first.data;
  const wrong = reportIssues(first.error.issues, raw, path, list, keysOf(schema, known));
  const rest = Object.fromEntries(Object.entries(raw).filter(([key]) => !wrong.has(key)));
  const second = partialOf(schema).safeParse(rest);
  return second.success ? (second.data as Partial<z.output<Schema>>) : {};
}

/** Made once for each schema: making one costs more than checking a whole definition. */
const partials = new WeakMap<z.ZodObject, z.ZodObject>();

function partialOf(schema: z.ZodObject): z.ZodObject {
  const partial = partials.get(schema) ?? schema.partial();
  partials.set(schema, partial);
  return partial;
}

/** Known keys at a path inside the part; at its top those that the caller names. */
export type KeysOf = (inside: Path) => readonly string[];

export const keysOf =
  (schema: z.ZodType, top: readonly string[]): KeysOf =>
  (inside) =>
    inside.length === 0 ? top : keysAt(schema, inside);

/** Reports every issue and returns the top-level keys they are about. */
export function reportIssues(
  issues: readonly Issue[],
  raw: Json,
  path: Path,
  list: DiagnosticList,
  known: KeysOf,
): ReadonlySet<string> {
  const wrong = new Set<string>();
  for (const issue of issues) {
    const [top] = issue.path;
    if (top !== undefined) wrong.add(String(top));
    else if (issue.code === 'unrecognized_keys') for (const key of issue.keys) wrong.add(key);
    report(issue, raw, path, list, known);
  }
  return wrong;
}

function report(issue: Issue, raw: Json, path: Path, list: DiagnosticList, known: KeysOf): void {
  const inside = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const at = [...path, ...inside];
  if (list.full) {
    // Only counted from here on.
    list.add({ code: 'wrong_value', message: '', path: at });
    return;
  }
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const message = `unknown key \`${key}\`${at.length > 0 ? ` in \`${nameOf(at)}\`` : ''}`;
      list.add({
        code: 'unknown_key',
        message,
        path: [...at, key],
        key: true,
        hint: list.full ? undefined : didYouMean(key, known(inside), list.hints),
      });
    }
    return;
  }
  if (issue.code === 'invalid_union') {
    const branch =
      issue.message === 'Invalid input' ? likeliest(issue.errors, valueAt(raw, inside)) : undefined;
    for (const inner of branch ?? [])
      report({ ...inner, path: [...issue.path, ...inner.path] }, raw, path, list, known);
    if (branch) return;
  }
  if (issue.code === 'invalid_key') {
    for (const inner of issue.issues) list.add({ ...worded(inner, at, at.at(-1)), key: true });
    return;
  }
  list.add(worded(issue, at, valueAt(raw, inside)));
}

/** Of the ways a value may be written, the one it comes nearest to: right type first, then fewest issues. */
function likeliest(
  branches: readonly (readonly Issue[])[],
  value: Json | undefined,
): readonly Issue[] | undefined {
  const isLeaf = typeof value !== 'object' || value === null;
  // no list and no map is nearly one of some words
  const isOther = ({ code }: Issue) => code === 'invalid_type' || (code === 'invalid_value' && !isLeaf);
  const wrongType = (branch: readonly Issue[]) =>
    branch.some((issue) => isOther(issue) && issue.path.length === 0);
  const strangers = (branch: readonly Issue[]) =>
    branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  const fitting = branches.filter((branch) => !wrongType(branch));
  if (fitting.length === 0) return isLeaf && branches.length > 1 ? undefined : branches[0];
  return [...fitting].sort((a, b) => strangers(a) - strangers(b) || a.length - b.length)[0];
}

function worded(issue: Issue, path: Path, value: Json | undefined): Finding {
  const found = describe(value);
  const name = `\`${nameOf(path)}\``;
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined)
        return { code: 'missing', message: `${name} is missing`, path: path.slice(0, -1) };
      return {
        code: 'wrong_type',
        message: `${name} must be ${TYPES[issue.expected] ?? issue.expected}, found ${found}`,
        path,
      };
    case 'invalid_value': {
      const allowed = issue.values.map((one) => `\`${String(one)}\``).join(', ');
      if (value === undefined)
        return { code: 'missing', message: `${name} is missing`, path: path.slice(0, -1) };
      const hint = typeof value === 'string' ? nearHint(value, issue.values.map(String)) : undefined;
      return {
        code: 'wrong_value',
        message: `${name} must be one of ${allowed}, found ${found}`,
        path,
        hint,
      };
    }
    case 'too_big':
    case 'too_small': {
      const bound = issue.code === 'too_big' ? `at most ${issue.maximum}` : `at least ${issue.minimum}`;
      const unit = UNITS[issue.origin] ?? '';
      if (value === '') return { code: 'out_of_range', message: `${name} must not be empty`, path };
      return { code: 'out_of_range', message: `${name} must be ${bound}${unit}, found ${found}`, path };
    }
    case 'invalid_union':
      if (value === undefined)
        return { code: 'missing', message: `${name} is missing`, path: path.slice(0, -1) };
      return { code: 'wrong_type', message: ownWords(issue, name, value), path };
    default:
      return { code: 'wrong_value', message: ownWords(issue, name, value), path };
  }
}

/** Schemas word their own expectation as `expected …`; the name and what was found are put around it. */
function ownWords({ message }: Issue, name: string, value: Json | undefined): string {
  if (message === 'Invalid input') return `${name} cannot be ${describe(value)}`;
  const text = message.replace(/^./, (first) => first.toLowerCase());
  // An expectation about a whole map says itself what is wrong with it.
  const isWhole = typeof value === 'object' && value !== null;
  return `${name}: ${text}${isWhole || text.includes('found') ? '' : `, found ${describe(value)}`}`;
}

/** The last key of a path, with the list positions behind it. */
function nameOf(path: Path): string {
  const last = path.findLastIndex((part) => typeof part === 'string');
  return formatPath(path.slice(Math.max(0, last))) || 'definition';
}

const TYPES: { readonly [expected: string]: string } = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};
const UNITS: { readonly [origin: string]: string } = { string: ' characters', array: ' items' };

function valueAt(raw: Json, path: Path): Json | undefined {
  let value: Json | undefined = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as { readonly [key: string | number]: Json })[part];
  }
  return value;
}
