/**
 * The definition of a tool as it can be pinned: what a model and a caller rely on, in one canonical form. Owns the form,
 * its digest, and what is said about a difference; icons, titles and metadata do not count.
 */
import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { visible } from './mcp-messages.ts';

/** What `tools/list` says of a tool, as far as it is used here. */
export interface ListedTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: object;
  readonly outputSchema?: unknown;
  readonly annotations?: unknown;
}

export interface ToolDefinition {
  /** For people to read: nothing in it is hidden. */
  readonly text: string;
  readonly sha256: string;
  /** The same with the beginnings of the digests of the parts: a difference can then be named. */
  readonly pin: string;
}

const PARTS = ['description', 'input schema', 'output schema', 'annotations'] as const;
const PART_DIGITS = 8;

export function toolDefinition(tool: ListedTool): ToolDefinition {
  const { name, description, inputSchema, outputSchema, annotations } = tool;
  const definition = { name, description, inputSchema, outputSchema, annotations };
  const json = JSON.parse(JSON.stringify(definition)) as JsonObject;
  const sha256 = digest(json);
  const parts = [description, inputSchema, outputSchema, annotations].map((part) =>
    digest(part === undefined ? null : (part as Json)).slice(0, PART_DIGITS),
  );
  return {
    text: visible(JSON.stringify(sorted(json), undefined, 2)),
    sha256,
    pin: [sha256, ...parts].join('.'),
  };
}

/** Undefined when it is as pinned. `changed` is empty where the pin does not tell. */
export function pinDifference(
  pin: string,
  { sha256, pin: found }: ToolDefinition,
): { readonly pinned: string; readonly found: string; readonly changed: readonly string[] } | undefined {
  const [pinned = '', ...parts] = pin.split('.');
  if (pinned === sha256) return undefined;
  const [, ...now] = found.split('.');
  return {
    pinned,
    found: sha256,
    changed: PARTS.filter((_, at) => parts.length > 0 && parts[at] !== now[at]),
  };
}

const digest = (value: Json): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');

/** The same value with the keys of each object in order; parsed anew, so that nothing but JSON is left. */
function sorted(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => sorted(each as Json));
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
