/**
 * Incremental BM25 (Robertson and Walker 1994) over short texts, bounded: the newest documents of each term,
 * the most recently used terms, a ring of documents. Scores are relative to the query's best possible match.
 */
import { RecentMap } from '../rank/recent-map.ts';

const K1 = 1.2;
const B = 0.75;
const POSTINGS_MAX = 400;
const TERMS_MAX = 60_000;

export interface TextHit {
  readonly document: number;
  readonly score: number;
}

interface Posting {
  seen: number;
  readonly documents: number[];
  readonly counts: number[];
}

export class TextIndex {
  readonly #postings = new RecentMap<string, Posting>(TERMS_MAX);
  readonly #lengths: number[] = [];
  readonly #documentsMax: number;
  #size = 0;
  #words = 0;

  constructor(documentsMax: number) {
    this.#documentsMax = documentsMax;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a text and gives its number: counted up from 0 and never used again. */
  add(terms: readonly string[]): number {
    const document = this.#size;
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      const posting = this.#postings.get(term) ?? { seen: 0, documents: [], counts: [] };
      posting.seen += 1;
      posting.documents.push(document);
      posting.counts.push(count);
      if (posting.documents.length >= 2 * POSTINGS_MAX) {
        posting.documents.splice(0, POSTINGS_MAX);
        posting.counts.splice(0, POSTINGS_MAX);
      }
      this.#postings.set(term, posting);
    }
    this.#lengths[document % this.#documentsMax] = terms.length;
    this.#size += 1;
    this.#words += terms.length;
    return document;
  }

  /** The nearest documents, best first. */
  query(terms: readonly string[], limit: number): readonly TextHit[] {
    if (this.#size === 0) return [];
    const scores = new Map<number, number>();
    const average = this.#words / this.#size;
    const oldest = this.#size - this.#documentsMax;
    for (const term of new Set(terms)) {
      const posting = this.#postings.get(term);
      if (!posting) continue;
      const weight = Math.log(1 + (this.#size - posting.seen + 0.5) / (posting.seen + 0.5));
      const { documents, counts } = posting;
      for (let i = Math.max(0, documents.length - POSTINGS_MAX); i < documents.length; i += 1) {
        const document = documents[i] as number;
        if (document < oldest) continue;
        const count = counts[i] as number;
        const length = this.#lengths[document % this.#documentsMax] as number;
        const gain = (weight * count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / average));
        scores.set(document, (scores.get(document) ?? 0) + gain);
      }
    }
    return [...scores]
      .map(([document, score]) => ({ document, score }))
      .sort((a, b) => b.score - a.score)
      .slice(0, limit);
  }
}
