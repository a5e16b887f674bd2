/**
 * One key of one step in a definition's text, set or taken away where it stands: everything else stays as it is written,
 * byte for byte. For values that fit on one line.
 */
import { isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml';
import type { Json } from '../../engine/core/model.ts';

const STEP_LISTS = ['steps', 'cleanup', 'parallel', 'else'];
const PLAIN = /^[A-Za-z][\w.-]*$|^\d+(?:ms|[smhd])(?:\d+(?:ms|[smh]))*$/;

/** @param value undefined takes the key away. @returns undefined where the step is not found, or there is nothing to do */
export function editStep(text: string, id: string, key: string, value: Json | undefined): string | undefined {
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: false });
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
  const step = findStep(document.contents, id);
  if (!step?.range) return undefined;
  const pair = step.items.find((each) => nameOf(each.key) === key);
  if (value === undefined) return pair ? without(text, step, pair) : undefined;
  if (pair) return replaced(text, pair, inline(value));
  return added(text, step, `${key}: ${inline(value)}`);
}

function findStep(map: YAMLMap, id: string): YAMLMap | undefined {
  for (const name of STEP_LISTS) {
    const list = map.get(name);
    for (const item of isSeq(list) ? list.items : []) {
      if (!isMap(item)) continue;
      const found = item.get('id') === id ? item : findStep(item, id);
      if (found) return found;
    }
  }
  return undefined;
}

/** Behind the id. */
function added(text: string, step: YAMLMap, written: string): string | undefined {
  const [first] = step.items;
  const keyAt = startOf(first?.key);
  const last = step.items.find(({ key }) => nameOf(key) === 'id') ?? first;
  const end = endOf(last?.value);
  if (keyAt === undefined || end === undefined) return undefined;
  if (step.flow) return `${text.slice(0, end)}, ${written}${text.slice(end)}`;
  const lineEnd = text.indexOf('\n', end - 1);
  const at = lineEnd < 0 ? text.length : lineEnd;
  const indent = ' '.repeat(keyAt - (text.lastIndexOf('\n', keyAt - 1) + 1));
  return `${text.slice(0, at)}\n${indent}${written}${text.slice(at)}`;
}

function replaced(text: string, { value: node }: Pair, written: string): string | undefined {
  const [from, to] = [startOf(node), endOf(node)];
  if (from === undefined || to === undefined) return undefined;
  const isBlock = !isScalar(node) && (node as YAMLMap).flow !== true;
  return isBlock ? undefined : `${text.slice(0, from)}${written}${text.slice(to)}`;
}

function without(text: string, step: YAMLMap, pair: Pair): string | undefined {
  const [from, to] = [startOf(pair.key), endOf(pair.value)];
  const isFirst = step.items[0] === pair;
  if (from === undefined || to === undefined || isFirst) return undefined;
  if (step.flow) return text.slice(0, from).replace(/,\s*$/, '') + text.slice(to);
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  // of a block the end is behind its last line already
  const lineEnd = text[to - 1] === '\n' ? to : text.indexOf('\n', to) + 1;
  return text.slice(0, lineStart) + (lineEnd === 0 ? '' : text.slice(lineEnd));
}

const rangeOf = (node: unknown): readonly number[] | undefined =>
  (node as { readonly range?: readonly number[] | null } | null | undefined)?.range ?? undefined;
const startOf = (node: unknown): number | undefined => rangeOf(node)?.[0];
const endOf = (node: unknown): number | undefined => rangeOf(node)?.[1];
const nameOf = (key: unknown): string => String(isScalar(key) ? key.value : key);

function inline(value: Json): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  const members = Object.entries(value).map(([name, each]) => `${name}: ${inline(each)}`);
  return `{ ${members.join(', ')} }`;
}
