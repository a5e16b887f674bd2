/** One session's own counts at one level. Bounded, and never part of a snapshot: a session ends with its process. */
import { CountRow } from './count-row.ts';
import { RecentMap } from './recent-map.ts';

const ROWS_MAX = 2000;
const LABELS_MAX = 2000;
const ROW_LABELS_MAX = 40;

export class SessionCounts {
  readonly lastAt = new RecentMap<number, number>(LABELS_MAX);
  readonly #rows = new RecentMap<number, CountRow>(ROWS_MAX);
  steps = 0;

  row(key: number): CountRow | undefined {
    return key ? this.#rows.get(key) : undefined;
  }

  learn(id: number, keys: readonly number[]): void {
    for (const key of keys) if (key) this.#rows.take(key, () => new CountRow()).add(id, ROW_LABELS_MAX);
    this.lastAt.set(id, this.steps);
    this.steps += 1;
  }
}
