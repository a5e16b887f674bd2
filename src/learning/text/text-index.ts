/**
 * Incremental BM25 (Robertson and Walker 1994) over short texts, bounded: the newest documents of each term,
 * the most recently used terms, a ring of documents.
 */
import { RecentMap, type RecentMapState } from '../rank/recent-map.ts';

const K1 = 1.2;
const B = 0.75;
const POSTINGS_MAX = 400;
const TERMS_MAX = 60_000;

export interface TextHit {
  readonly document: number;
  readonly score: number;
}

export interface TextIndexState {
  readonly postings: RecentMapState<string, SavedPosting>;
  readonly lengths: readonly number[];
  readonly size: number;
  readonly words: number;
}

type SavedPosting = readonly [seen: number, hits: number[]];

interface Posting {
  /** Documents with the term ever, also those that were dropped. */
  seen: number;
  /** `document * COUNTS + count`: most terms have one, and there are very many of them. */
  readonly hits: number[];
}

/** A term that is said more often in one text says no more. */
const COUNTS = 16;

export class TextIndex {
  readonly #postings = new RecentMap<string, Posting>(TERMS_MAX);
  #lengths: number[] = [];
  readonly #documentsMax: number;
  #size = 0;
  #words = 0;

  constructor(documentsMax: number) {
    this.#documentsMax = documentsMax;
  }

  /** Adds a text and gives its number: counted up from 0 and never used again. */
  add(terms: readonly string[]): number {
    const document = this.#size;
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      const hit = document * COUNTS + Math.min(count, COUNTS - 1);
      const posting = this.#postings.get(term);
      if (!posting) {
        this.#postings.set(term, { seen: 1, hits: [hit] });
        continue;
      }
      posting.seen += 1;
      posting.hits.push(hit);
      if (posting.hits.length >= 2 * POSTINGS_MAX) posting.hits.splice(0, POSTINGS_MAX);
    }
    this.#lengths[document % this.#documentsMax] = terms.length;
    this.#size += 1;
    this.#words += terms.length;
    return document;
  }

  /** The nearest documents, best first. */
  query(terms: readonly string[], limit: number): readonly TextHit[] {
    const scores = new Map<number, number>();
    for (const term of new Set(terms)) {
      const posting = this.#postings.get(term);
      if (posting) this.#score(posting, scores);
    }
    return [...scores]
      .map(([document, score]) => ({ document, score }))
      .sort((a, b) => b.score - a.score)
      .slice(0, limit);
  }

  snapshot(): TextIndexState {
    const postings = this.#postings.snapshot(({ seen, hits }): SavedPosting => [seen, [...hits]]);
    return { postings, lengths: [...this.#lengths], size: this.#size, words: this.#words };
  }

  restore({ postings, lengths, size, words }: TextIndexState): void {
    this.#postings.restore(postings, ([seen, hits]) => ({ seen, hits: [...hits] }));
    this.#lengths = [...lengths];
    this.#size = size;
    this.#words = words;
  }

  #score({ seen, hits }: Posting, scores: Map<number, number>): void {
    const weight = Math.log(1 + (this.#size - seen + 0.5) / (seen + 0.5));
    const average = this.#words / this.#size;
    for (let i = Math.max(0, hits.length - POSTINGS_MAX); i < hits.length; i += 1) {
      const document = Math.floor((hits[i] as number) / COUNTS);
      if (document < this.#size - this.#documentsMax) continue;
      const count = (hits[i] as number) % COUNTS;
      const length = this.#lengths[document % this.#documentsMax] as number;
      const gain = (weight * count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / average));
      scores.set(document, (scores.get(document) ?? 0) + gain);
    }
  }
}
