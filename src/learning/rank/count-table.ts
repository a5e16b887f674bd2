/**
 * How often each label followed each context: plain counts and fading ones, of a bounded number of labels a context
 * and a bounded number of contexts; the one that was not used for long gives its row up (second chance).
 * In flat arrays: a long history holds a hundred thousand of these rows.
 * A full row gives up its rarest label; what it gave up stays in the totals, so evidence is never overstated.
 */
import { must, mustArray, mustCount, mustNumbers } from '../state-check.ts';
import { CountPool } from './count-pool.ts';
import { KeyIndex } from './key-index.ts';

const FADE = 0.8;
/** Most contexts are seen once or twice. */
const WIDTHS = [2, 8];
const ROWS_MIN = 8;

/** What followed one context. A view: it holds until something is counted. */
export interface CountRow {
  readonly ids: Int32Array;
  readonly counts: Uint32Array;
  readonly fading: Float32Array;
  readonly total: number;
  readonly fadingTotal: number;
}

/** The rows in order, their labels one row after the other. */
export interface CountTableState {
  readonly keys: Uint32Array;
  readonly sizes: Uint16Array;
  readonly totals: Float64Array;
  readonly fadingTotals: Float64Array;
  readonly used: Uint8Array;
  readonly hand: number;
  readonly ids: Int32Array;
  readonly counts: Uint32Array;
  readonly fading: Float32Array;
}

export class CountTable {
  readonly #rowsMax: number;
  readonly #pools: readonly CountPool[];
  #index = new KeyIndex();
  #rows = 0;
  #hand = 0;
  #keys = new Uint32Array(0);
  #pool = new Uint8Array(0);
  #from = new Uint32Array(0);
  #sizes = new Uint16Array(0);
  #totals = new Float64Array(0);
  #fadingTotals = new Float64Array(0);
  /** Whether the row was used since the hand passed it. */
  #used = new Uint8Array(0);

  constructor(rowsMax: number, labelsMax: number) {
    this.#rowsMax = rowsMax;
    this.#pools = [...WIDTHS.filter((width) => width < labelsMax), labelsMax].map(
      (width) => new CountPool(width),
    );
  }

  /** What followed the context, which counts as a use; undefined for key 0 and where nothing is known. */
  get(key: number): CountRow | undefined {
    const row = key ? this.#index.get(key) : -1;
    if (row < 0) return undefined;
    this.#used[row] = 1;
    const pool = this.#poolOf(row);
    const from = this.#from[row] as number;
    const end = from + (this.#sizes[row] as number);
    return {
      ids: pool.ids.subarray(from, end),
      counts: pool.counts.subarray(from, end),
      fading: pool.fading.subarray(from, end),
      total: this.#totals[row] as number,
      fadingTotal: this.#fadingTotals[row] as number,
    };
  }

  /** Counts the label once after the context; key 0 is no context. */
  add(key: number, id: number): void {
    if (!key) return;
    const known = this.#index.get(key);
    const row = known < 0 ? this.#begin(key) : known;
    this.#used[row] = 1;
    this.#totals[row] = (this.#totals[row] as number) + 1;
    this.#fadingTotals[row] = (this.#fadingTotals[row] as number) * FADE + 1;
    const { fading } = this.#poolOf(row);
    const from = this.#from[row] as number;
    const end = from + (this.#sizes[row] as number);
    for (let i = from; i < end; i += 1) fading[i] = (fading[i] as number) * FADE;
    const at = this.#place(row, id);
    const pool = this.#poolOf(row);
    pool.counts[at] = (pool.counts[at] as number) + 1;
    pool.fading[at] = (pool.fading[at] as number) + 1;
  }

  snapshot(): CountTableState {
    const rows = this.#rows;
    const sizes = this.#sizes.subarray(0, rows);
    const labels = sizes.reduce((sum, size) => sum + size, 0);
    const state = {
      keys: this.#keys.subarray(0, rows),
      sizes,
      totals: this.#totals.subarray(0, rows),
      fadingTotals: this.#fadingTotals.subarray(0, rows),
      used: this.#used.slice(0, rows),
      hand: this.#hand,
      ids: new Int32Array(labels),
      counts: new Uint32Array(labels),
      fading: new Float32Array(labels),
    };
    for (let row = 0, to = 0; row < rows; row += 1) {
      const { ids, counts, fading } = this.#poolOf(row);
      const from = this.#from[row] as number;
      const end = from + (sizes[row] as number);
      for (let at = from; at < end; at += 1, to += 1) {
        state.ids[to] = ids[at] as number;
        state.counts[to] = counts[at] as number;
        state.fading[to] = fading[at] as number;
      }
    }
    return state;
  }

  /** Becomes the table the snapshot was taken of, given the same bounds; it must be new. */
  restore(state: CountTableState): void {
    const { keys, sizes } = state;
    this.#check(state);
    this.#index = new KeyIndex(keys.length);
    this.#makeRoom(keys.length);
    const places = this.#pools.map(() => 0);
    for (let row = 0; row < sizes.length; row += 1) {
      const at = this.#poolFor(sizes[row] as number);
      this.#pool[row] = at;
      places[at] = (places[at] as number) + 1;
    }
    for (const [at, pool] of this.#pools.entries()) pool.reserve(places[at] as number);
    for (let row = 0, at = 0; row < keys.length; row += 1) {
      must(this.#index.set(keys[row] as number, row), 'each context once');
      const pool = this.#poolOf(row);
      const from = pool.take();
      const end = at + (sizes[row] as number);
      this.#from[row] = from;
      for (let to = from; at < end; to += 1, at += 1) {
        pool.ids[to] = state.ids[at] as number;
        pool.counts[to] = state.counts[at] as number;
        pool.fading[to] = state.fading[at] as number;
      }
    }
    this.#keys.set(keys);
    this.#sizes.set(sizes);
    this.#totals.set(state.totals);
    this.#fadingTotals.set(state.fadingTotals);
    this.#used.set(state.used);
    this.#rows = keys.length;
    this.#hand = state.hand;
  }

  #check({ keys, sizes, totals, fadingTotals, used, hand, ids, counts, fading }: CountTableState): void {
    mustArray(keys, Uint32Array, keys.length);
    must(keys.length <= this.#rowsMax, 'a bounded number of contexts');
    mustArray(sizes, Uint16Array, keys.length);
    const labelsMax = this.#pools.at(-1)?.width ?? 0;
    let labels = 0;
    for (let row = 0; row < sizes.length; row += 1) {
      const size = sizes[row] as number;
      must(size > 0 && size <= labelsMax && keys[row] !== 0, 'rows of a bounded number of labels');
      labels += size;
    }
    mustNumbers(totals, Float64Array, keys.length, 1);
    mustNumbers(fadingTotals, Float64Array, keys.length, 0);
    mustArray(used, Uint8Array, keys.length);
    mustCount(hand, Math.max(0, keys.length - 1), 'a row that the hand is at');
    mustArray(ids, Int32Array, labels);
    mustArray(counts, Uint32Array, labels);
    mustNumbers(fading, Float32Array, labels, 0);
  }

  #poolOf(row: number): CountPool {
    return this.#pools[this.#pool[row] as number] as CountPool;
  }

  /** A row with nothing in it for the context. */
  #begin(key: number): number {
    const row = this.#rows < this.#rowsMax ? this.#rows : this.#evict();
    if (row === this.#rows) {
      this.#rows += 1;
      if (row >= this.#keys.length) this.#makeRoom(Math.max(ROWS_MIN, row * 2));
    }
    this.#index.set(key, row);
    this.#keys[row] = key;
    this.#sizes[row] = 0;
    this.#totals[row] = 0;
    this.#fadingTotals[row] = 0;
    this.#settle(row, 1);
    return row;
  }

  /** The first row behind the hand that was not used since the hand was there. */
  #evict(): number {
    while (this.#used[this.#hand] === 1) {
      this.#used[this.#hand] = 0;
      this.#hand = (this.#hand + 1) % this.#rows;
    }
    const row = this.#hand;
    this.#hand = (row + 1) % this.#rows;
    this.#index.delete(this.#keys[row] as number);
    this.#poolOf(row).release(this.#from[row] as number);
    return row;
  }

  /** Gives the row a place for that many labels. */
  #settle(row: number, labels: number): void {
    this.#pool[row] = this.#poolFor(labels);
    this.#from[row] = this.#poolOf(row).take();
  }

  /** Which pool has places for that many labels. */
  #poolFor(labels: number): number {
    let at = 0;
    while ((this.#pools[at] as CountPool).width < labels) at += 1;
    return at;
  }

  /** Where the label is in the pool of its row; a new one takes a free place, a larger row, or the rarest one's place. */
  #place(row: number, id: number): number {
    const size = this.#sizes[row] as number;
    const pool = this.#poolOf(row);
    const from = this.#from[row] as number;
    for (let i = from; i < from + size; i += 1) if (pool.ids[i] === id) return i;
    const isFull = size === pool.width;
    if (isFull && pool !== this.#pools.at(-1)) this.#widen(row);
    const isLargest = isFull && pool === this.#pools.at(-1);
    const at = isLargest ? rarest(pool, from) : (this.#from[row] as number) + size;
    if (!isLargest) this.#sizes[row] = size + 1;
    const into = this.#poolOf(row);
    into.ids[at] = id;
    into.counts[at] = 0;
    into.fading[at] = 0;
    return at;
  }

  #widen(row: number): void {
    const old = this.#poolOf(row);
    const from = this.#from[row] as number;
    this.#settle(row, old.width + 1);
    const pool = this.#poolOf(row);
    const to = this.#from[row] as number;
    pool.ids.set(old.ids.subarray(from, from + old.width), to);
    pool.counts.set(old.counts.subarray(from, from + old.width), to);
    pool.fading.set(old.fading.subarray(from, from + old.width), to);
    old.release(from);
  }

  #makeRoom(wanted: number): void {
    const rows = Math.min(this.#rowsMax, Math.max(wanted, this.#keys.length));
    this.#keys = longer(this.#keys, new Uint32Array(rows));
    this.#pool = longer(this.#pool, new Uint8Array(rows));
    this.#from = longer(this.#from, new Uint32Array(rows));
    this.#sizes = longer(this.#sizes, new Uint16Array(rows));
    this.#totals = longer(this.#totals, new Float64Array(rows));
    this.#fadingTotals = longer(this.#fadingTotals, new Float64Array(rows));
    this.#used = longer(this.#used, new Uint8Array(rows));
  }
}

/** How often the label came in the row; 0 where it is not in it. */
export function countOf(row: CountRow | undefined, id: number): number {
  return row?.counts[row.ids.indexOf(id)] ?? 0;
}

/** The most counted labels of the row; all of them, in no order, where the limit does not cut. */
export function mostCounted(row: CountRow | undefined, limit: number): readonly number[] {
  if (!row) return [];
  const { ids, counts } = row;
  if (ids.length <= limit) return Array.from(ids);
  const best: number[] = [];
  for (let i = 0; i < ids.length; i += 1) {
    const count = counts[i] as number;
    if (best.length === limit && count <= (counts[best[limit - 1] as number] as number)) continue;
    let at = best.length === limit ? limit - 1 : best.length;
    for (; at > 0 && (counts[best[at - 1] as number] as number) < count; at -= 1)
      best[at] = best[at - 1] as number;
    best[at] = i;
  }
  return best.map((at) => ids[at] as number);
}

function rarest({ counts, fading, width }: CountPool, from: number): number {
  let found = from;
  for (let i = from + 1; i < from + width; i += 1) {
    const fewer = (counts[i] as number) - (counts[found] as number);
    const older = (fading[i] as number) < (fading[found] as number);
    if (fewer < 0 || (fewer === 0 && older)) found = i;
  }
  return found;
}

function longer<T extends { set(from: T): void }>(old: T, made: T): T {
  made.set(old);
  return made;
}
