/** The labels of one level: a number for each, and what is known of it. Bounded; long unused labels are forgotten. */
import { isText, must, mustCount, mustList, mustNumbers } from '../state-check.ts';
import { LabelEntry } from './label-entry.ts';
import { RecentMap, type RecentMapState } from './recent-map.ts';

/** One place in each list for each entry; the maps name entries by their places. */
export interface LabelBookState {
  readonly next: number;
  readonly now: number;
  readonly ids: Float64Array;
  readonly labels: readonly string[];
  readonly parents: readonly string[];
  /** Empty where it is the label itself. */
  readonly examples: readonly string[];
  readonly counts: Float64Array;
  readonly lastAt: Float64Array;
  readonly byLabel: RecentMapState<string, number>;
  readonly byId: RecentMapState<number, number>;
}

export class LabelBook {
  readonly #labelsMax: number;
  readonly #byLabel: RecentMap<string, LabelEntry>;
  readonly #byId: RecentMap<number, LabelEntry>;
  #next = 1;
  #now = 0;

  constructor(labelsMax: number) {
    this.#labelsMax = labelsMax;
    this.#byLabel = new RecentMap(labelsMax);
    this.#byId = new RecentMap(labelsMax);
  }

  /** Labels learned so far, with repeats. */
  get now(): number {
    return this.#now;
  }

  entry(id: number): LabelEntry | undefined {
    return this.#byId.get(id);
  }

  find(label: string): LabelEntry | undefined {
    return this.#byLabel.get(label);
  }

  /** Counts the label once more, and takes it in when it is new. */
  learn(label: string, parent: string, example: string): LabelEntry {
    const entry = this.#byLabel.take(label, () => {
      const id = this.#next;
      this.#next += 1;
      return new LabelEntry(id, label, parent, example);
    });
    entry.count += 1;
    entry.example = example;
    entry.lastAt = this.#now;
    this.#now += 1;
    this.#byId.set(entry.id, entry);
    return entry;
  }

  snapshot(): LabelBookState {
    const places = new Map<LabelEntry, number>();
    const save = (entry: LabelEntry): number => {
      const place = places.get(entry) ?? places.size;
      places.set(entry, place);
      return place;
    };
    const byLabel = this.#byLabel.snapshot(save);
    const byId = this.#byId.snapshot(save);
    const entries = [...places.keys()];
    return {
      next: this.#next,
      now: this.#now,
      ids: Float64Array.from(entries, ({ id }) => id),
      labels: entries.map(({ label }) => label),
      parents: entries.map(({ parent }) => parent),
      examples: entries.map(({ example, label }) => (example === label ? '' : example)),
      counts: Float64Array.from(entries, ({ count }) => count),
      lastAt: Float64Array.from(entries, ({ lastAt }) => lastAt),
      byLabel,
      byId,
    };
  }

  restore(state: LabelBookState): void {
    const { next, now, ids, labels, parents, examples, counts, lastAt } = state;
    const most = 2 * this.#labelsMax;
    mustCount(now, Number.MAX_SAFE_INTEGER, 'how much was learned');
    mustCount(next, now + 1, 'the next number');
    for (const texts of [labels, parents, examples]) mustList(texts, most, isText);
    must(parents.length === labels.length && examples.length === labels.length, 'as many texts as labels');
    mustNumbers(ids, Float64Array, labels.length, 1);
    mustNumbers(counts, Float64Array, labels.length, 1);
    mustNumbers(lastAt, Float64Array, labels.length, 0);
    const entries = labels.map((label, i) => {
      const entry = new LabelEntry(
        ids[i] as number,
        label,
        parents[i] as string,
        (examples[i] as string) || label,
      );
      must(entry.id < next, 'numbers that were given');
      entry.count = counts[i] as number;
      entry.lastAt = lastAt[i] as number;
      must(entry.lastAt < now, 'a time that has passed');
      return entry;
    });
    const load = (key: 'label' | 'id') => (place: number, found: string | number) => {
      const entry = entries[place];
      must(entry !== undefined && entry[key] === found, 'an entry of that name');
      return entry;
    };
    this.#next = next;
    this.#now = now;
    this.#byLabel.restore(state.byLabel, load('label'));
    this.#byId.restore(state.byId, load('id'));
  }
}
