/** The labels of one level: a number for each, and what is known of it. Bounded; long unused labels are forgotten. */
import { hashText } from './hash.ts';
import { RecentMap, type RecentMapState } from './recent-map.ts';

const WORDS_MAX = 8;

export interface LabelEntry {
  readonly id: number;
  readonly label: string;
  /** The label of the level above; empty at the top level. */
  readonly parent: string;
  readonly words: readonly string[];
  /** Of the whole label, then of each of its words. */
  readonly hashes: readonly number[];
  /** The last command that bore the label. */
  example: string;
  count: number;
  lastAt: number;
}

export interface LabelBookState {
  readonly next: number;
  readonly now: number;
  readonly entries: readonly LabelEntry[];
  readonly byLabel: RecentMapState<string, number>;
  readonly byId: RecentMapState<number, number>;
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

  entry(id: number): LabelEntry | undefined {
    return this.#byId.get(id);
  }

  find(label: string): LabelEntry | undefined {
    return this.#byLabel.get(label);
  }

  /** Counts the label once more, and takes it in when it is new. */
  learn(label: string, parent: string, example: string): LabelEntry {
    const entry = this.#byLabel.take(label, () => {
      const words = [...new Set(label.toLowerCase().split(' '))].slice(0, WORDS_MAX);
      const id = this.#next;
      this.#next += 1;
      return {
        id,
        label,
        parent,
        words,
        hashes: [label, ...words].map(hashText),
        example,
        count: 0,
        lastAt: 0,
      };
    });
    entry.count += 1;
    entry.example = example;
    entry.lastAt = this.#now;
    this.#now += 1;
    this.#byId.set(entry.id, entry);
    return entry;
  }

  snapshot(): LabelBookState {
    const entries = new Map<number, LabelEntry>();
    const save = (entry: LabelEntry): number => {
      entries.set(entry.id, { ...entry });
      return entry.id;
    };
    const byLabel = this.#byLabel.snapshot(save);
    const byId = this.#byId.snapshot(save);
    return { next: this.#next, now: this.#now, entries: [...entries.values()], byLabel, byId };
  }

  restore({ next, now, entries, byLabel, byId }: LabelBookState): void {
    this.#next = next;
    this.#now = now;
    const known = new Map(entries.map((entry) => [entry.id, { ...entry }]));
    const load = (id: number): LabelEntry => known.get(id) as LabelEntry;
    this.#byLabel.restore(byLabel, load);
    this.#byId.restore(byId, load);
  }
}
