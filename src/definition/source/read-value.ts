/**
 * An unknown value into plain JSON, within limits: the way in for definitions and inputs that come as objects.
 * Owns the limits on values; what it hands back was copied, so nothing outside can change it.
 */
import type { Json } from '../../engine/core/model.ts';
import type { DiagnosticList, Path } from '../diagnostic.ts';
import { keyProblem, textProblem } from './key-rules.ts';

export interface ValueLimits {
  /** UTF-8 bytes of all texts and keys, plus one for each other value. */
  readonly bytesMax: number;
  readonly keysMax: number;
  readonly depthMax: number;
}

/** undefined (with a diagnostic) when the value is over a limit; single refused parts are left out, with a diagnostic. */
export function readValue(
  value: unknown,
  limits: ValueLimits,
  list: DiagnosticList,
  path: Path = [],
): Json | undefined {
  const reader = new ValueReader(limits, list);
  const read = reader.read(value, path, 0);
  return reader.over ? undefined : read;
}

class ValueReader {
  readonly #limits: ValueLimits;
  readonly #list: DiagnosticList;
  #bytes = 0;
  #keys = 0;
  over = false;

  constructor(limits: ValueLimits, list: DiagnosticList) {
    this.#limits = limits;
    this.#list = list;
  }

  read(value: unknown, path: Path, depth: number): Json | undefined {
    if (this.over) return undefined;
    if (typeof value === 'string') return this.#text(value, path);
    this.#count(1, path);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (Array.isArray(value)) return this.#items(value, path, depth + 1);
    if (isPlain(value)) return this.#map(value, path, depth + 1);
    const message = `expected a JSON value, found ${typeof value === 'number' ? String(value) : typeof value}`;
    this.#list.add({ code: 'wrong_type', message, path });
    return undefined;
  }

  #text(text: string, path: Path): string | undefined {
    if (!this.#count(Buffer.byteLength(text), path)) return undefined;
    const problem = textProblem(text);
    if (problem) this.#list.add({ ...problem, path });
    return problem ? undefined : text;
  }

  #items(items: readonly unknown[], path: Path, depth: number): Json | undefined {
    if (!this.#deepEnough(depth, path)) return undefined;
    const read: Json[] = [];
    for (let index = 0; index < items.length && !this.over; index += 1) {
      read.push(this.read(items[index], [...path, index], depth) ?? null);
    }
    return read;
  }

  #map(map: { readonly [key: string]: unknown }, path: Path, depth: number): Json | undefined {
    if (!this.#deepEnough(depth, path)) return undefined;
    const read: { [key: string]: Json } = {};
    for (const key of Object.keys(map)) {
      this.#keys += 1;
      if (this.#keys > this.#limits.keysMax) this.#refuse(`more than ${this.#limits.keysMax} keys`, path);
      if (this.over || !this.#count(Buffer.byteLength(key), path)) return undefined;
      const at = [...path, key];
      const problem = keyProblem(key);
      if (problem) this.#list.add({ ...problem, path: at, key: true });
      // An absent value is an absent key, as in JSON.stringify.
      if (problem || map[key] === undefined) continue;
      const member = this.read(map[key], at, depth);
      if (member !== undefined) read[key] = member;
    }
    return read;
  }

  #deepEnough(depth: number, path: Path): boolean {
    if (depth > this.#limits.depthMax)
      this.#refuse(`nested deeper than ${this.#limits.depthMax} levels`, path);
    return !this.over;
  }

  #count(bytes: number, path: Path): boolean {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.bytesMax) this.#refuse(`larger than ${this.#limits.bytesMax} bytes`, path);
    return !this.over;
  }

  #refuse(what: string, path: Path): void {
    if (this.over) return;
    this.over = true;
    this.#list.add({ code: 'limit', message: `the value is ${what}`, path: path.slice(0, 8) });
  }
}

function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
