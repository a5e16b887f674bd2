/**
 * A call's arguments against the tool's schema: parsed values, or one error that names every argument at fault,
 * what was found there and what was expected.
 */
import type { z } from 'zod';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { Json, JsonObject } from '../engine/core/model.ts';
import { nearestText } from './nearest-text.ts';
import type { ToolError } from './tool.ts';

const FOUND_CHARS_MAX = 60;
/** An error never throws a large argument back at the caller. */
const MESSAGE_CHARS_MAX = 1_000;
const HINTS_MAX = 5;

/** Where zod and JSON Schema have different words for a type. */
const TYPE_WORDS: { readonly [type: string]: string } = { int: 'integer', record: 'object' };

type Issue = z.core.$ZodIssue;

/** `unknown_argument` when nothing else is wrong, else `invalid_input`. */
export function parseArguments<Input extends z.ZodObject>(
  tool: { readonly name: string; readonly input: Input },
  given: JsonObject,
): Result<z.output<Input>, ToolError> {
  const parsed = tool.input.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  const issues = onePerSpot(parsed.error.issues);
  const known = Object.keys(tool.input.shape);
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
  return err({
    code: issues.every((issue) => issue.code === 'unrecognized_keys') ? 'unknown_argument' : 'invalid_input',
    message: cut(issues.map((issue) => describe(issue, given)).join('; '), MESSAGE_CHARS_MAX),
    hint:
      unknown.length > 0
        ? unknown
            .slice(0, HINTS_MAX)
            .map((key) => nearestText(key, known))
            .join('; ')
        : `\`${tool.name}\` takes ${known.map((name) => `\`${name}\``).join(', ')}`,
  });
}

/** A value of the wrong type also fails every other check of its spot; the first word is enough. */
function onePerSpot(issues: readonly Issue[]): readonly Issue[] {
  const spots = new Set<string>();
  return issues.filter((issue) => {
    const spot = `${issue.code === 'unrecognized_keys'} ${pathText(issue.path)}`;
    return !spots.has(spot) && spots.add(spot);
  });
}

function describe(issue: Issue, given: JsonObject): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => `\`${pathText([...issue.path, key])}\``).join(', ');
    return `unknown argument ${names}`;
  }
  const name = `argument \`${pathText(issue.path)}\``;
  const found = valueAt(given, issue.path);
  if (found === undefined) return `${name} is missing, expected ${expected(issue)}`;
  return `${name}: found ${foundText(found)}, expected ${expected(issue)}`;
}

/** What the schema wants at the spot, in words. */
function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1
        ? show(issue.values[0])
        : `one of ${issue.values.map(show).join(', ')}`;
    case 'too_small':
      return `at least ${issue.exact ? 'and at most ' : ''}${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_format':
      return issue.pattern === undefined ? `a valid ${issue.format}` : `text like ${issue.pattern}`;
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap((branch) => branch.slice(0, 1).map(expected)))].join(' or ');
    default:
      return issue.message;
  }
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' || origin === 'set' ? ' items' : '';
}

function show(value: unknown): string {
  return typeof value === 'string' ? `\`${value}\`` : String(value);
}

/** The type, with a simple value beside it; an object may be of any depth and is not shown. */
function foundText(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value === 'object') return 'object';
  return `${typeof value} ${cut(JSON.stringify(value), FOUND_CHARS_MAX)}`;
}

function cut(text: string, charsMax: number): string {
  return text.length > charsMax ? `${text.slice(0, charsMax)}…` : text;
}

function valueAt(given: Json, path: readonly PropertyKey[]): Json | undefined {
  let value: Json | undefined = given;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as JsonObject)[key as string];
  }
  return value;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('');
}
