/** One session's own counts at one level. Bounded, and never part of a snapshot: a session ends with its process. */
import { type CountRow, CountTable } from './count-table.ts';
import { RecentMap } from './recent-map.ts';

const ROWS_MAX = 2000;
const LABELS_MAX = 2000;
const ROW_LABELS_MAX = 40;

export class SessionCounts {
  readonly lastAt = new RecentMap<number, number>(LABELS_MAX);
  readonly #rows = new CountTable(ROWS_MAX, ROW_LABELS_MAX);
  steps = 0;

  row(key: number): CountRow | undefined {
    return this.#rows.get(key);
  }

  learn(id: number, keys: readonly number[]): void {
    for (const key of keys) this.#rows.add(key, id);
    this.lastAt.set(id, this.steps);
    this.steps += 1;
  }
}
