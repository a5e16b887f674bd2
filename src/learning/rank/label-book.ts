/**
 * The labels of one level: a number for each, and what is known of it. Bounded in labels and in bytes; long unused
 * labels are forgotten. An entry is kept while it is found by its label or by its number, which are forgotten apart.
 * All of it lies in flat arrays; of the entries that were asked for last there are objects.
 */
import { must, mustArray, mustCount, mustNumbers } from '../state-check.ts';
import { hashLong } from './hash.ts';
import { LabelEntry } from './label-entry.ts';
import { RecentMap } from './recent-map.ts';
import { RecentRows, type RecentRowsState } from './recent-rows.ts';
import { TextShelf, type TextShelfState } from './text-shelf.ts';

const BYTES_MAX = 16 * 1024 * 1024;
const OBJECTS_MAX = 2_000;
/** Of an entry: its label, its parent, its example; the last is empty where it is the label itself. */
const TEXTS = 3;

/** One place in each list for each entry, also where none is now; the indexes name entries by their places. */
export interface LabelBookState {
  readonly next: number;
  readonly now: number;
  readonly ids: Uint32Array;
  readonly counts: Uint32Array;
  readonly lastAt: Float64Array;
  readonly texts: TextShelfState;
  readonly byLabel: RecentRowsState;
  readonly byId: RecentRowsState;
  /** By row of the indexes. */
  readonly labelPlaces: Uint32Array;
  readonly idPlaces: Uint32Array;
}

export class LabelBook {
  readonly #labelsMax: number;
  readonly #byLabel: RecentRows;
  readonly #byId: RecentRows;
  #labelPlaces = new Uint32Array(0);
  #idPlaces = new Uint32Array(0);
  #ids = new Uint32Array(0);
  #counts = new Uint32Array(0);
  #lastAt = new Float64Array(0);
  /** By how many indexes the entry is found. */
  #found = new Uint8Array(0);
  #free: number[] = [];
  #places = 0;
  readonly #texts = new TextShelf();
  readonly #objects = new RecentMap<number, LabelEntry>(OBJECTS_MAX);
  #next = 1;
  #now = 0;

  constructor(labelsMax: number) {
    this.#labelsMax = labelsMax;
    this.#byLabel = new RecentRows(labelsMax, (row) => this.#lose(this.#labelPlaces[row] as number));
    this.#byId = new RecentRows(labelsMax, (row) => this.#lose(this.#idPlaces[row] as number));
  }

  /** Labels learned so far, with repeats. */
  get now(): number {
    return this.#now;
  }

  entry(id: number): LabelEntry | undefined {
    const row = this.#byId.get(id);
    return row < 0 ? undefined : this.#object(this.#idPlaces[row] as number);
  }

  find(label: string): LabelEntry | undefined {
    const row = this.#byLabel.get(hashLong(label));
    return row < 0 ? undefined : this.#object(this.#labelPlaces[row] as number);
  }

  /** Counts the label once more, and takes it in when it is new. */
  learn(label: string, parent: string, example: string): LabelEntry {
    const place = this.#placeOf(label, parent);
    const entry = this.#object(place);
    entry.count += 1;
    entry.lastAt = this.#now;
    this.#counts[place] = entry.count;
    this.#lastAt[place] = this.#now;
    this.#now += 1;
    if (entry.example !== example) {
      entry.example = example;
      this.#texts.set(TEXTS * place + 2, example === entry.label ? '' : example);
    }
    if (this.#byId.get(entry.id) < 0) {
      const row = this.#byId.add(entry.id);
      this.#idPlaces = roomFor(this.#idPlaces, this.#byId.capacity);
      this.#idPlaces[row] = place;
      this.#found[place] = (this.#found[place] as number) + 1;
    }
    if (this.#texts.used > BYTES_MAX) {
      this.#byLabel.age();
      this.#byId.age();
    }
    return entry;
  }

  /** Takes in a label that came so often elsewhere, before anything is learned. */
  begin(label: string, parent: string, times: number): void {
    const entry = this.learn(label, parent, label);
    entry.count = times;
    this.#counts[this.#placeOf(label, parent)] = times;
    this.#now += times - 1;
  }

  snapshot(): LabelBookState {
    const places = this.#places;
    const byLabel = this.#byLabel.snapshot();
    const byId = this.#byId.snapshot();
    return {
      next: this.#next,
      now: this.#now,
      ids: this.#ids.subarray(0, places),
      counts: this.#counts.subarray(0, places),
      lastAt: this.#lastAt.subarray(0, places),
      texts: this.#texts.snapshot(TEXTS * places),
      byLabel,
      byId,
      labelPlaces: this.#labelPlaces.subarray(0, byLabel.keys.length),
      idPlaces: this.#idPlaces.subarray(0, byId.keys.length),
    };
  }

  restore(state: LabelBookState): void {
    const { next, now, ids, counts, lastAt, texts, byLabel, byId } = state;
    const places = ids.length;
    mustCount(now, Number.MAX_SAFE_INTEGER, 'how much was learned');
    mustCount(next, now + 1, 'the next number');
    must(places <= 2 * this.#labelsMax, 'a bounded number of labels');
    mustArray(ids, Uint32Array, places);
    mustArray(counts, Uint32Array, places);
    mustNumbers(lastAt, Float64Array, places, 0);
    this.#next = next;
    this.#now = now;
    this.#places = places;
    this.#ids = ids.slice();
    this.#counts = counts.slice();
    this.#lastAt = lastAt.slice();
    this.#found = new Uint8Array(places);
    this.#texts.restore(texts, TEXTS * places);
    this.#labelPlaces = this.#findAgain(this.#byLabel, byLabel, state.labelPlaces);
    this.#idPlaces = this.#findAgain(this.#byId, byId, state.idPlaces);
    for (let row = 0; row < byId.keys.length; row += 1) {
      const id = byId.keys[row] as number;
      must(id < 0 || ids[this.#idPlaces[row] as number] === id, 'entries of that number');
    }
    for (let place = places - 1; place >= 0; place -= 1) {
      if (this.#found[place] === 0) this.#free.push(place);
      else {
        const isGiven = (ids[place] as number) > 0 && (ids[place] as number) < next;
        must(isGiven && (counts[place] as number) > 0, 'numbers that were given');
        must((lastAt[place] as number) < now, 'a time that has passed');
      }
    }
  }

  /** Restores an index; the places of its rows, with room for more. */
  #findAgain(index: RecentRows, state: RecentRowsState, places: Uint32Array): Uint32Array<ArrayBuffer> {
    const rows = index.restore(state);
    mustArray(places, Uint32Array, rows);
    const seen = new Uint8Array(this.#places);
    for (let row = 0; row < rows; row += 1) {
      if ((state.keys[row] as number) < 0) continue;
      const place = places[row] as number;
      must(place < this.#places && seen[place] === 0, 'an entry for each key');
      seen[place] = 1;
      this.#found[place] = (this.#found[place] as number) + 1;
    }
    return roomFor(places.slice(), index.capacity);
  }

  /** Where the label's entry is; a new one has its number and its texts. */
  #placeOf(label: string, parent: string): number {
    const key = hashLong(label);
    const known = this.#byLabel.get(key);
    if (known >= 0) return this.#labelPlaces[known] as number;
    const row = this.#byLabel.add(key);
    this.#labelPlaces = roomFor(this.#labelPlaces, this.#byLabel.capacity);
    const place = this.#free.pop() ?? this.#places;
    if (place === this.#places) {
      this.#places += 1;
      if (place >= this.#ids.length) this.#makeRoom(Math.max(16, 2 * place));
    }
    this.#labelPlaces[row] = place;
    this.#found[place] = 1;
    this.#ids[place] = this.#next;
    this.#counts[place] = 0;
    this.#next += 1;
    this.#texts.set(TEXTS * place, label);
    this.#texts.set(TEXTS * place + 1, parent);
    this.#texts.set(TEXTS * place + 2, '');
    return place;
  }

  #object(place: number): LabelEntry {
    const id = this.#ids[place] as number;
    const known = this.#objects.get(id);
    if (known) return known;
    const label = this.#texts.get(TEXTS * place);
    const parent = this.#texts.get(TEXTS * place + 1);
    const entry = new LabelEntry(id, label, parent, this.#texts.get(TEXTS * place + 2) || label);
    entry.count = this.#counts[place] as number;
    entry.lastAt = this.#lastAt[place] as number;
    this.#objects.set(id, entry);
    return entry;
  }

  /** One index has forgotten the entry. */
  #lose(place: number): void {
    this.#found[place] = (this.#found[place] as number) - 1;
    if (this.#found[place] !== 0) return;
    for (let at = TEXTS * place; at < TEXTS * (place + 1); at += 1) this.#texts.set(at, '');
    this.#free.push(place);
  }

  #makeRoom(places: number): void {
    this.#ids = roomFor(this.#ids, places);
    this.#counts = roomFor(this.#counts, places);
    const [found, lastAt] = [this.#found, this.#lastAt];
    this.#found = new Uint8Array(places);
    this.#found.set(found);
    this.#lastAt = new Float64Array(places);
    this.#lastAt.set(lastAt);
  }
}

/** The same numbers, where there is room for so many. */
function roomFor(numbers: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (numbers.length >= length) return numbers;
  const longer = new Uint32Array(length);
  longer.set(numbers);
  return longer;
}
