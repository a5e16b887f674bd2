/**
 * A definition as YAML that a person would have written: block style, short maps on one line, keys in the order of the
 * manual. Knows how it is laid out, not whether it is right.
 */
import { Document, isMap, isScalar, isSeq, type Node, visit, type YAMLSeq } from 'yaml';
import type { Json, JsonObject } from '../../engine/core/model.ts';

const WORKFLOW_KEYS =
  'name version description category tags inputs outputs defaults prerequisites env secrets max_parallel limits concurrency timeout checkpoints cache cache_version on_failure rollback steps cleanup';
const STEP_KEYS =
  'id type description needs when condition foreach as max_parallel repeat message command cwd shell timeout retry on_failure idempotent effects destructive tags checkpoint cache use_cache cache_key cache_version env outputs undo irreversible else parallel steps';
const INPUT_KEYS = 'type enum pattern minimum maximum required default value description';

const ranks = (keys: string): ReadonlyMap<string, number> =>
  new Map(keys.split(' ').map((key, rank) => [key, rank]));
const WORKFLOW_RANKS = ranks(WORKFLOW_KEYS);
const STEP_RANKS = ranks(STEP_KEYS);
const INPUT_RANKS = ranks(INPUT_KEYS);
/** Lists of steps, and maps of declarations. */
const STEP_LISTS: ReadonlySet<string> = new Set(['steps', 'cleanup', 'parallel', 'else', 'undo']);
const DECLARATIONS: ReadonlySet<string> = new Set(['inputs', 'outputs']);
/** A map or list on one line is no longer. */
const FLOW_CHARS_MAX = 90;

/** Ends with a newline. */
export function definitionText(value: JsonObject): string {
  const document = new Document(inOrder(value), { version: '1.2', schema: 'core' });
  layOut(document.contents);
  return documentText(document);
}

/** How every definition is written; lines are never folded, a folded command reads badly. */
export function documentText(document: Document): string {
  visit(document, { Seq: (_, node) => void (node.flow && closeUp(node)) });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** People write `{ a: 1 }` and `[a, b]`; the printer knows one way for both. */
function closeUp(list: YAMLSeq): void {
  const print = list.toString;
  list.toString = (context, ...more) =>
    print.call(list, context && { ...context, flowCollectionPadding: '' }, ...more);
}

/** A new node as it would stand in a text of its own. */
export function nodeOf(document: Document, value: Json, key: string): Node {
  const node = document.createNode(sorted(value, key)) as Node;
  layOut(node);
  return node;
}

/** The same value with its keys in the order of the manual; what is not in it comes last. */
export const inOrder = (value: JsonObject): JsonObject => sortedMap(value, WORKFLOW_RANKS);

function sorted(value: Json, key: string): Json {
  if (Array.isArray(value) && STEP_LISTS.has(key))
    return value.map((each) => (isObject(each) ? sortedMap(each, STEP_RANKS) : each));
  if (isObject(value) && DECLARATIONS.has(key))
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        isObject(each) ? sortKeys(each, INPUT_RANKS) : each,
      ]),
    );
  if (isObject(value) && key === 'undo') return sortedMap(value, STEP_RANKS);
  return value;
}

const sortedMap = (map: JsonObject, order: ReadonlyMap<string, number>): JsonObject =>
  Object.fromEntries(Object.entries(sortKeys(map, order)).map(([key, value]) => [key, sorted(value, key)]));

function sortKeys(map: JsonObject, order: ReadonlyMap<string, number>): JsonObject {
  const rank = (key: string): number => order.get(key) ?? order.size;
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => rank(a) - rank(b)));
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Short maps and lists of plain values on one line; never a step. */
function layOut(node: unknown): void {
  const children = isMap(node) ? node.items.map(({ value }) => value) : isSeq(node) ? node.items : [];
  for (const child of children) layOut(child);
  if (!isMap(node) && !isSeq(node)) return;
  const plain = children.every((child) => isScalar(child) && isShort(child.value));
  const chars = JSON.stringify(node.toJSON() ?? null).length;
  const isStep = isMap(node) && (node.has('command') || node.has('steps') || node.has('id'));
  node.flow = plain && !isStep && chars <= FLOW_CHARS_MAX && !hasTemplate(children);
}

const isShort = (value: unknown): boolean =>
  typeof value !== 'string' || (value.length <= FLOW_CHARS_MAX && !value.includes('\n'));

/** Braces inside of braces read badly. */
const hasTemplate = (children: readonly unknown[]): boolean =>
  children.some((child) => isScalar(child) && typeof child.value === 'string' && child.value.includes('{{'));
