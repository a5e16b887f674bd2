/** The labels of one level: a number for each, and what is known of it. Bounded; long unused labels are forgotten. */
import { RecentMap } from './recent-map.ts';

export interface LabelEntry {
  readonly id: number;
  readonly label: string;
  readonly hash: number;
  /** The label of the level above, or empty. */
  readonly parent: string;
  readonly words: readonly string[];
  readonly wordHashes: readonly number[];
  count: number;
  lastAt: number;
}

export class LabelBook {
  readonly #byLabel: RecentMap<string, LabelEntry>;
  readonly #byId: RecentMap<number, LabelEntry>;
  #next = 1;
  #now = 0;

  constructor(labelsMax: number) {
    this.#byLabel = new RecentMap(labelsMax);
    this.#byId = new RecentMap(labelsMax);
  }

  /** Labels learned so far, with repeats. */
  get now(): number {
    return this.#now;
  }

  find(label: string): LabelEntry | undefined {
    return this.#byLabel.get(label);
  }

  entry(id: number): LabelEntry | undefined {
    return this.#byId.get(id);
  }

  /** Counts the label once more, and takes it in when it is new. */
  learn(make: () => Omit<LabelEntry, 'id' | 'count' | 'lastAt'>, label: string): LabelEntry {
    const entry = this.#byLabel.get(label) ?? { ...make(), id: this.#next++, count: 0, lastAt: 0 };
    entry.count += 1;
    entry.lastAt = this.#now++;
    this.#byLabel.set(label, entry);
    this.#byId.set(entry.id, entry);
    return entry;
  }
}
