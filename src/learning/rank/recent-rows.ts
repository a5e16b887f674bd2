/**
 * Numbers rows for keys and forgets those that were not used for long, as `RecentMap` does, in flat arrays: who uses it
 * keeps what belongs to a row in typed arrays of its own. Costs nothing to collect and little to copy.
 * 1. A key is a whole number from 0 to 2^53 - 1; a hash of a text that must not be mistaken is `hashLong`'s.
 * 2. A row keeps its number until it is dropped; only then another key gets it.
 */
import { must, mustArray } from '../state-check.ts';

const ROWS_MIN = 16;
/** In the index; a row is the number less one. */
const NONE = 0;
const FREE = -1;

export interface RecentRowsState {
  /** By row; -1 where the row is free. */
  readonly keys: Float64Array;
  /** 1 where the row is of the younger generation. */
  readonly young: Uint8Array;
}

export class RecentRows {
  readonly #generationMax: number;
  readonly #onDrop: (row: number) => void;
  /** Open addressing with linear probing, at most half full. */
  #index = new Int32Array(2 * ROWS_MIN);
  #keys = new Float64Array(ROWS_MIN).fill(FREE);
  #young = new Uint8Array(ROWS_MIN);
  /** Rows below that were given once; the free ones of them are given first, the lowest one last in the list. */
  #given = 0;
  #free: number[] = [];
  #youngSize = 0;

  /** `onDrop` is told of each row whose key is forgotten. */
  constructor(rowsMax: number, onDrop: (row: number) => void = () => {}) {
    this.#generationMax = Math.max(1, Math.floor(rowsMax / 2));
    this.#onDrop = onDrop;
  }

  /** How many rows those who keep arrays beside need room for. */
  get capacity(): number {
    return this.#keys.length;
  }

  /** The row of the key, which counts as a use; -1 where there is none. */
  get(key: number): number {
    const row = (this.#index[this.#at(key)] as number) - 1;
    if (row >= 0 && this.#young[row] === 0) this.#renew(row);
    return row;
  }

  /** A row for a key that has none. */
  add(key: number): number {
    const row = this.#free.pop() ?? this.#given;
    if (row === this.#given) this.#given += 1;
    if (row >= this.#keys.length) this.#grow();
    this.#keys[row] = key;
    this.#index[this.#at(key)] = row + 1;
    this.#renew(row);
    return row;
  }

  /** Drops the older generation; the younger one becomes that. */
  age(): void {
    this.#free = [];
    this.#youngSize = 0;
    for (let row = this.#given - 1; row >= 0; row -= 1) {
      if (this.#young[row] === 1) this.#young[row] = 0;
      else {
        if (this.#keys[row] !== FREE) this.#onDrop(row);
        this.#keys[row] = FREE;
        this.#free.push(row);
      }
    }
    this.#reindex();
  }

  snapshot(): RecentRowsState {
    return { keys: this.#keys.slice(0, this.#given), young: this.#young.slice(0, this.#given) };
  }

  /** Becomes the rows the snapshot was taken of, given the same bound; the number of rows that were given once. */
  restore({ keys, young }: RecentRowsState): number {
    must(keys instanceof Float64Array && keys.length <= 2 * this.#generationMax, 'a bounded number of keys');
    mustArray(young, Uint8Array, keys.length);
    this.#given = keys.length;
    this.#keys = new Float64Array(Math.max(ROWS_MIN, keys.length)).fill(FREE);
    this.#young = new Uint8Array(this.#keys.length);
    this.#keys.set(keys);
    this.#young.set(young);
    this.#free = [];
    this.#youngSize = 0;
    for (let row = keys.length - 1; row >= 0; row -= 1) {
      const key = keys[row] as number;
      const isFree = key === FREE;
      must(isFree || (key >= 0 && Number.isSafeInteger(key)), 'whole keys');
      must((young[row] as number) <= (isFree ? 0 : 1), 'two generations');
      this.#youngSize += young[row] as number;
      if (isFree) this.#free.push(row);
    }
    must(this.#youngSize < this.#generationMax, 'a younger generation that has room');
    this.#reindex();
    return keys.length;
  }

  #renew(row: number): void {
    this.#young[row] = 1;
    this.#youngSize += 1;
    if (this.#youngSize >= this.#generationMax) this.age();
  }

  #grow(): void {
    const [keys, young] = [this.#keys, this.#young];
    const length = Math.min(2 * this.#generationMax, 2 * keys.length);
    this.#keys = new Float64Array(Math.max(length, this.#given)).fill(FREE);
    this.#keys.set(keys);
    this.#young = new Uint8Array(this.#keys.length);
    this.#young.set(young);
    this.#reindex();
  }

  /** Where the key is in the index, else where it would be put. */
  #at(key: number): number {
    const index = this.#index;
    const keys = this.#keys;
    const mask = index.length - 1;
    let at = homeOf(key) & mask;
    for (let row = index[at] as number; row !== NONE && keys[row - 1] !== key; row = index[at] as number)
      at = (at + 1) & mask;
    return at;
  }

  #reindex(): void {
    const length = 2 ** Math.ceil(Math.log2(2 * this.#keys.length));
    if (this.#index.length === length) this.#index.fill(NONE);
    else this.#index = new Int32Array(length);
    for (let row = 0; row < this.#given; row += 1) {
      const key = this.#keys[row] as number;
      if (key === FREE) continue;
      const at = this.#at(key);
      must(this.#index[at] === NONE, 'each key once');
      this.#index[at] = row + 1;
    }
  }
}

/** Keys are numbers given in order or hashes; the bits above 32 count too. */
function homeOf(key: number): number {
  const low = key | 0;
  const mixed = Math.imul(low ^ (key / 2 ** 32), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
