/** The values behind the numbers that are counted. Bounded in values and in bytes; long unused ones are forgotten. */
import { RecentMap } from '../rank/recent-map.ts';
import { RecentRows, type RecentRowsState } from '../rank/recent-rows.ts';
import { TextShelf, type TextShelfState } from '../rank/text-shelf.ts';
import { looksOf, type ValueLooks } from './value-likeness.ts';

const VALUES_MAX = 40_000;
const BYTES_MAX = 8 * 1024 * 1024;
const LOOKS_MAX = 8_000;

export interface ValueBookState {
  readonly rows: RecentRowsState;
  readonly texts: TextShelfState;
}

export class ValueBook {
  readonly #texts = new TextShelf();
  readonly #rows = new RecentRows(VALUES_MAX, (row) => this.#texts.set(row, ''));

  /** Of the values that were looked at last; no part of a snapshot. */
  readonly #looks = new RecentMap<number, ValueLooks>(LOOKS_MAX);

  /** Undefined where it is forgotten. */
  get(id: number): string | undefined {
    const row = this.#rows.get(id >>> 0);
    return row < 0 ? undefined : this.#texts.get(row);
  }

  add(id: number, value: string): void {
    if (this.#rows.get(id >>> 0) >= 0) return;
    this.#texts.set(this.#rows.add(id >>> 0), value);
    if (this.#texts.used > BYTES_MAX) this.#rows.age();
  }

  looks(id: number, value: string): ValueLooks {
    return this.#looks.take(id, () => looksOf(value));
  }

  snapshot(): ValueBookState {
    const rows = this.#rows.snapshot();
    return { rows, texts: this.#texts.snapshot(rows.keys.length) };
  }

  /** It must be new. */
  restore({ rows, texts }: ValueBookState): void {
    this.#texts.restore(texts, this.#rows.restore(rows));
  }
}
