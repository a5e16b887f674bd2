/**
 * From a path in the definition to a line and column of its text. Exact for keys, plain scalars, quoted scalars
 * without escapes and literal blocks; elsewhere it points at the start of the value, and for a path that is not
 * in the text at the nearest thing around it.
 */
import type { LineCounter, Node, Scalar, YAMLMap } from 'yaml';
import type { Locator, Path, Place, Position } from '../diagnostic.ts';
import { yamlPackage } from './yaml-package.ts';

interface Entry {
  readonly key: Node;
  readonly value: Node | null;
}

export class TextLocator implements Locator {
  readonly file?: string;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #entries = new WeakMap<YAMLMap, Map<string, Entry>>();
  #root: Node | null = null;

  constructor(text: string, lines: LineCounter, file: string | undefined) {
    this.#text = text;
    this.#lines = lines;
    if (file !== undefined) this.file = file;
  }

  /** Called once the text is parsed; before, every path is at the start. */
  setRoot(root: Node | null): void {
    this.#root = root;
  }

  at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  locate(place: Place): Position {
    const { key, node } = this.#find(place.path);
    const target = place.key ? (key ?? node) : node;
    if (!target?.range) return this.at(0);
    if (place.offset === undefined || !yamlPackage().isScalar(target)) return this.at(target.range[0]);
    return this.#inside(target, place.offset);
  }

  /** The scalar at `path` as it is written; undefined when there is none. */
  textOf(path: Path): string | undefined {
    const { node } = this.#find(path);
    return yamlPackage().isScalar(node) ? node.source : undefined;
  }

  #find(path: Path): { key?: Node | undefined; node: Node | null } {
    let node = this.#root;
    let key: Node | undefined;
    for (const part of path) {
      const entry = this.#child(node, part);
      if (!entry) break;
      key = entry.key;
      node = entry.value ?? entry.key ?? null;
    }
    return { key, node };
  }

  #child(node: Node | null, part: string | number): { key?: Node; value: Node | null } | undefined {
    if (yamlPackage().isSeq(node)) {
      const item = typeof part === 'number' ? (node.items[part] as Node | undefined) : undefined;
      return item && { value: item };
    }
    return yamlPackage().isMap(node) ? this.#entriesOf(node).get(String(part)) : undefined;
  }

  #entriesOf(map: YAMLMap): Map<string, Entry> {
    let entries = this.#entries.get(map);
    if (!entries) {
      entries = new Map();
      for (const pair of map.items) {
        if (yamlPackage().isScalar(pair.key)) {
          entries.set(String(pair.key.value), { key: pair.key, value: pair.value as Node | null });
        }
      }
      this.#entries.set(map, entries);
    }
    return entries;
  }

  #inside(scalar: Scalar, offset: number): Position {
    const [start, end] = scalar.range!;
    const value = String(scalar.value);
    const written = this.#text.slice(start, end);
    if (written === value) return this.at(start + offset);
    if (written.slice(1, -1) === value) return this.at(start + 1 + offset);
    return (scalar.type === 'BLOCK_LITERAL' && this.#insideLiteral(start, value, offset)) || this.at(start);
  }

  /** Lines of a literal block stand one by one in the text, only indented. */
  #insideLiteral(start: number, value: string, offset: number): Position | undefined {
    const before = value.slice(0, offset).split('\n');
    const line = this.at(start).line + before.length;
    const from = this.#lines.lineStarts[line - 1];
    if (from === undefined) return undefined;
    const end = this.#text.indexOf('\n', from);
    const written = this.#text.slice(from, end < 0 ? undefined : end).replace(/\r$/, '');
    const content = value.split('\n')[before.length - 1]!;
    if (!written.endsWith(content)) return undefined;
    return { line, column: written.length - content.length + before.at(-1)!.length + 1 };
  }
}
