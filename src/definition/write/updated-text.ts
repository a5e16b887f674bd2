/**
 * A definition's text with another value: what stays the same keeps its place, its comments and its form, what is new is
 * written as in a new text. Steps are told apart by their ids.
 */
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { canonicalJson } from '../definition-digest.ts';
import { definitionText, documentText, inOrder, nodeOf } from './definition-text.ts';

/** The text itself where nothing changes; a text that is no YAML map is written anew. */
export function updatedText(text: string, value: JsonObject): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core', merge: false, uniqueKeys: false });
  const root = document.contents;
  if (document.errors.length > 0 || !isMap(root)) return definitionText(value);
  if (canonicalJson(root.toJSON()) === canonicalJson(value)) return text;
  // JSON is YAML too, and nobody writes comments into it
  if (root.flow) return definitionText(value);
  updateMap(document as Document, root, inOrder(value));
  return documentText(document as Document);
}

/** The text has words for its readers. */
export function hasComments(text: string): boolean {
  let found = false;
  const { contents, comment, commentBefore } = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
  });
  const look = (node: unknown): void => {
    const noted = node as { readonly comment?: string | null; readonly commentBefore?: string | null } | null;
    found ||= Boolean(noted?.comment ?? noted?.commentBefore);
    if (isMap(node)) for (const { key, value } of node.items) for (const each of [key, value]) look(each);
    else if (isSeq(node)) for (const each of node.items) look(each);
  };
  look(contents);
  return found || Boolean(comment ?? commentBefore);
}

function updateMap(document: Document, map: YAMLMap, value: JsonObject): void {
  map.items = map.items.filter(({ key }) => Object.hasOwn(value, nameOf(key)));
  for (const [key, next] of Object.entries(value)) {
    const pair = map.items.find((each) => nameOf(each.key) === key);
    if (pair) updatePair(document, pair, key, next);
    else insert(document, map, Object.keys(value), key, next);
  }
}

/** Behind the key that stands before it in the order of the manual. */
function insert(document: Document, map: YAMLMap, order: readonly string[], key: string, value: Json): void {
  const pair = document.createPair(key, null);
  pair.value = nodeOf(document, value, key);
  const before = order.slice(0, order.indexOf(key));
  const at = map.items.findLastIndex((each) => before.includes(nameOf(each.key)));
  map.items.splice(at + 1, 0, pair as Pair);
}

function updatePair(document: Document, pair: Pair, key: string, value: Json): void {
  const { value: node } = pair;
  if (same(node, value)) return;
  if (isMap(node) && isObject(value)) updateMap(document, node, value);
  else if (isSeq(node) && Array.isArray(value)) updateList(document, node, value, key);
  else {
    const fresh = nodeOf(document, value, key);
    if (isScalar(node) && isScalar(fresh)) fresh.comment = node.comment ?? null;
    pair.value = fresh;
  }
}

function updateList(document: Document, list: YAMLSeq, values: readonly Json[], key: string): void {
  const earlier = [...list.items];
  const [first] = earlier;
  // what stands above the first item is read as a word on the list, and would stay there
  if ((isMap(first) || isScalar(first)) && list.commentBefore) {
    first.commentBefore = list.commentBefore;
    list.commentBefore = null;
  }
  list.items = values.map((value) => {
    const at = earlier.findIndex((node) => same(node, value) || isTwin(node, value));
    const [node] = at < 0 ? [] : earlier.splice(at, 1);
    if (node === undefined) return (nodeOf(document, [value], key) as YAMLSeq).items[0];
    if (isMap(node) && isObject(value) && !same(node, value)) updateMap(document, node, value);
    return node;
  });
}

const same = (node: unknown, value: Json): boolean =>
  canonicalJson((node as { toJSON?(): unknown } | null)?.toJSON?.() ?? null) === canonicalJson(value);

const isTwin = (node: unknown, value: Json): boolean =>
  isMap(node) && isObject(value) && value.id !== undefined && node.get('id') === value.id;

const nameOf = (key: unknown): string => String(isScalar(key) ? key.value : key);

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
