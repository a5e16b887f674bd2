/**
 * Incremental BM25 (Robertson and Walker 1994) over short texts, bounded: the newest documents of each term,
 * the most recently used terms, a ring of documents. Terms are known by their hashes alone; their hits lie in blocks.
 */
import { hashLong } from '../rank/hash.ts';
import { NumberBlocks } from '../rank/number-blocks.ts';
import { RecentRows, type RecentRowsState } from '../rank/recent-rows.ts';
import { must, mustArray, mustCount } from '../state-check.ts';

const K1 = 1.2;
const B = 0.75;
const POSTINGS_MAX = 400;
const BLOCKS = [2, 4, 8, 16, 32, 64, 128, 256, 512, 2 * POSTINGS_MAX];
const TERMS_MAX = 60_000;
/** From so many hits on, those of dropped documents are looked for. */
const STALE_HITS_MIN = 32;
/** A term that is said more often in one text says no more. */
const COUNT_BITS = 4;
const COUNT_MAX = 2 ** COUNT_BITS - 1;
/** The numbers of documents as far as a hit has room for them: it is told by the newest one which is meant. */
const DOCUMENTS_MASK = 2 ** 28 - 1;
const DOCUMENTS_EVER_MAX = 2 ** 48;

export interface TextHit {
  readonly document: number;
  readonly score: number;
}

export interface TextIndexState {
  readonly terms: RecentRowsState;
  /** By row: documents with the term ever, also those that were dropped; and how many hits it has. */
  readonly seen: Float64Array;
  readonly sizes: Uint16Array;
  /** The hits of all rows, one behind the other. */
  readonly hits: Uint32Array;
  readonly lengths: Uint32Array;
  readonly size: number;
  readonly words: number;
}

export class TextIndex {
  readonly #terms = new RecentRows(TERMS_MAX, (row) => this.#drop(row));
  readonly #documentsMax: number;
  /** Of each term, oldest first. */
  readonly #hits = new NumberBlocks(BLOCKS);
  #seen = new Float64Array(0);
  #from = new Uint32Array(0);
  #sizes = new Uint16Array(0);
  /** Words of each document, by place in the ring. */
  #lengths = new Uint32Array(0);
  #size = 0;
  #words = 0;
  /** The scores of one query, by place in the ring; all 0 between queries. */
  #scores = new Float64Array(0);

  constructor(documentsMax: number) {
    this.#documentsMax = documentsMax;
  }

  /** Adds a text and gives its number: counted up from 0 and never used again. */
  add(terms: readonly string[]): number {
    const document = this.#size;
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) this.#push(hashLong(term), hitOf(document, count));
    const place = document % this.#documentsMax;
    if (place >= this.#lengths.length) {
      const lengths = this.#lengths;
      this.#lengths = new Uint32Array(Math.min(this.#documentsMax, Math.max(64, 2 * place)));
      this.#lengths.set(lengths);
    }
    this.#lengths[place] = terms.length;
    this.#size += 1;
    this.#words += terms.length;
    return document;
  }

  /** The nearest documents, best first; of equal ones the one whose terms were asked for first. */
  query(terms: readonly string[], limit: number): readonly TextHit[] {
    if (this.#scores.length < this.#lengths.length) this.#scores = new Float64Array(this.#lengths.length);
    const found: number[] = [];
    for (const term of new Set(terms)) {
      const row = this.#terms.get(hashLong(term));
      if (row >= 0) this.#score(row, found);
    }
    const best: TextHit[] = [];
    for (const document of found) {
      const place = document % this.#documentsMax;
      const score = this.#scores[place] as number;
      this.#scores[place] = 0;
      if (best.length === limit && score <= (best.at(-1) as TextHit).score) continue;
      let at = best.length;
      while (at > 0 && (best[at - 1] as TextHit).score < score) at -= 1;
      best.splice(at, 0, { document, score });
      if (best.length > limit) best.pop();
    }
    return best;
  }

  snapshot(): TextIndexState {
    const terms = this.#terms.snapshot();
    const rows = terms.keys.length;
    const sizes = this.#sizes.slice(0, rows);
    const hits = new Uint32Array(sizes.reduce((sum, size) => sum + size, 0));
    const { numbers } = this.#hits;
    for (let row = 0, to = 0; row < rows; row += 1) {
      const from = this.#from[row] as number;
      for (let i = 0; i < (sizes[row] as number); i += 1, to += 1) hits[to] = numbers[from + i] as number;
    }
    return {
      terms,
      seen: this.#seen.subarray(0, rows),
      sizes,
      hits,
      lengths: this.#lengths.subarray(0, Math.min(this.#size, this.#documentsMax)),
      size: this.#size,
      words: this.#words,
    };
  }

  restore({ terms, seen, sizes, hits, lengths, size, words }: TextIndexState): void {
    mustCount(size, DOCUMENTS_EVER_MAX, 'how many texts there were');
    mustCount(words, Number.MAX_SAFE_INTEGER, 'how many words there were');
    const rows = this.#terms.restore(terms);
    must(seen instanceof Float64Array && seen.length === rows, 'how often each term was seen');
    mustArray(sizes, Uint16Array, rows);
    mustArray(hits, Uint32Array, hits.length);
    mustArray(lengths, Uint32Array, Math.min(size, this.#documentsMax));
    this.#size = size;
    this.#words = words;
    this.#lengths = lengths.slice();
    this.#makeRoom();
    this.#seen.set(seen);
    this.#sizes.set(sizes);
    this.#hits.reserve(hits.length);
    let at = 0;
    for (let row = 0; row < rows; row += 1) {
      const isFree = (terms.keys[row] as number) < 0;
      const length = sizes[row] as number;
      const times = seen[row] as number;
      must(isFree ? length === 0 : length > 0 && length < 2 * POSTINGS_MAX, 'the hits of a term');
      must(isFree || (times >= length && times <= size), 'how often a term was seen');
      must(at + length <= hits.length, 'all hits');
      if (!isFree) this.#from[row] = this.#load(hits, at, length);
      at += length;
    }
    must(at === hits.length, 'no more hits than the terms have');
  }

  /** Takes the hits of one term in. */
  #load(hits: Uint32Array, at: number, length: number): number {
    const from = this.#hits.take(length);
    const { numbers } = this.#hits;
    let before = this.#size + 1;
    for (let i = 0; i < length; i += 1) {
      const hit = hits[at + i] as number;
      const age = this.#ageOf(hit);
      must(age > 0 && age < before, 'hits in order');
      before = age;
      numbers[from + i] = hit;
    }
    return from;
  }

  #push(key: number, hit: number): void {
    const known = this.#terms.get(key);
    const row = known < 0 ? this.#terms.add(key) : known;
    if (known < 0) {
      if (row >= this.#seen.length) this.#makeRoom();
      this.#seen[row] = 0;
      this.#sizes[row] = 0;
      this.#from[row] = this.#hits.take(0);
    }
    const size = this.#sizes[row] as number;
    const from = this.#hits.fit(this.#from[row] as number, size, size + 1);
    this.#hits.numbers[from + size] = hit;
    this.#from[row] = from;
    this.#sizes[row] = size + 1;
    this.#seen[row] = (this.#seen[row] as number) + 1;
    this.#cut(row);
  }

  #drop(row: number): void {
    this.#hits.release(this.#from[row] as number, this.#sizes[row] as number);
    this.#sizes[row] = 0;
  }

  /** Drops what no query reads any more, at lengths that are rare enough to cost nothing on average. */
  #cut(row: number): void {
    const size = this.#sizes[row] as number;
    const from = this.#from[row] as number;
    const { numbers } = this.#hits;
    let stale = 0;
    if (size >= 2 * POSTINGS_MAX) stale = POSTINGS_MAX;
    else if (size >= STALE_HITS_MIN && (size & (size - 1)) === 0) {
      const isOld = (at: number): boolean => this.#ageOf(numbers[from + at] as number) > this.#documentsMax;
      if (!isOld(size >> 1)) return;
      while (stale < size - 1 && isOld(stale)) stale += 1;
    }
    if (stale === 0) return;
    numbers.copyWithin(from, from + stale, from + size);
    this.#from[row] = this.#hits.fit(from, size, size - stale);
    this.#sizes[row] = size - stale;
  }

  /** How many documents were added since, its own too. */
  #ageOf(hit: number): number {
    return (this.#size - (hit >>> COUNT_BITS)) & DOCUMENTS_MASK;
  }

  #score(row: number, found: number[]): void {
    const seen = this.#seen[row] as number;
    const weight = Math.log(1 + (this.#size - seen + 0.5) / (seen + 0.5)) * (K1 + 1);
    const average = this.#words / this.#size;
    const scores = this.#scores;
    const { numbers } = this.#hits;
    const from = this.#from[row] as number;
    const end = from + (this.#sizes[row] as number);
    for (let at = Math.max(from, end - POSTINGS_MAX); at < end; at += 1) {
      const hit = numbers[at] as number;
      const age = this.#ageOf(hit);
      if (age > this.#documentsMax) continue;
      const document = this.#size - age;
      const place = document % this.#documentsMax;
      const count = hit & COUNT_MAX;
      const length = this.#lengths[place] as number;
      if (scores[place] === 0) found.push(document);
      scores[place] =
        (scores[place] as number) + (weight * count) / (count + K1 * (1 - B + (B * length) / average));
    }
  }

  #makeRoom(): void {
    const rows = this.#terms.capacity;
    const [seen, from, sizes] = [this.#seen, this.#from, this.#sizes];
    this.#seen = new Float64Array(rows);
    this.#seen.set(seen);
    this.#from = new Uint32Array(rows);
    this.#from.set(from);
    this.#sizes = new Uint16Array(rows);
    this.#sizes.set(sizes);
  }
}

const hitOf = (document: number, count: number): number =>
  (((document & DOCUMENTS_MASK) << COUNT_BITS) | Math.min(count, COUNT_MAX)) >>> 0;
