/**
 * Incremental BM25 (Robertson and Walker 1994) over short texts, bounded: the newest documents of each term,
 * the most recently used terms, a ring of documents.
 */
import { RecentMap, type RecentMapState } from '../rank/recent-map.ts';
import { must, mustArray, mustCount, mustNumbers } from '../state-check.ts';

const K1 = 1.2;
const B = 0.75;
const POSTINGS_MAX = 400;
const TERMS_MAX = 60_000;
/** From so many hits on, those of dropped documents are looked for. */
const STALE_HITS_MIN = 32;
/** A term that is said more often in one text says no more. */
const COUNTS = 16;
const DOCUMENTS_EVER_MAX = 2 ** 48;

export interface TextHit {
  readonly document: number;
  readonly score: number;
}

export interface TextIndexState {
  /** The value of a term: documents with it ever. */
  readonly postings: RecentMapState<string, number>;
  /** How many hits each term has, and the hits of all, one behind the other. */
  readonly sizes: Uint16Array;
  readonly hits: Float64Array;
  readonly lengths: Float64Array;
  readonly size: number;
  readonly words: number;
}

interface Posting {
  /** Documents with the term ever, also those that were dropped. */
  seen: number;
  /** `document * COUNTS + count`: most terms have one, and there are very many of them. */
  hits: number[];
}

export class TextIndex {
  readonly #postings = new RecentMap<string, Posting>(TERMS_MAX);
  readonly #documentsMax: number;
  #lengths: number[] = [];
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
    for (const [term, count] of counts) {
      const hit = document * COUNTS + Math.min(count, COUNTS - 1);
      const posting = this.#postings.get(term);
      if (!posting) {
        this.#postings.set(term, { seen: 1, hits: [hit] });
        continue;
      }
      posting.seen += 1;
      posting.hits.push(hit);
      this.#cut(posting);
    }
    this.#lengths[document % this.#documentsMax] = terms.length;
    this.#size += 1;
    this.#words += terms.length;
    return document;
  }

  /** The nearest documents, best first; of equal ones the one whose terms were asked for first. */
  query(terms: readonly string[], limit: number): readonly TextHit[] {
    if (this.#scores.length < this.#lengths.length)
      this.#scores = new Float64Array(Math.min(this.#documentsMax, 2 * this.#lengths.length));
    const found: number[] = [];
    for (const term of new Set(terms)) {
      const posting = this.#postings.get(term);
      if (posting) this.#score(posting, found);
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
    const sizes: number[] = [];
    const hits: number[] = [];
    const postings = this.#postings.snapshot((posting) => {
      sizes.push(posting.hits.length);
      for (const hit of posting.hits) hits.push(hit);
      return posting.seen;
    });
    return {
      postings,
      sizes: Uint16Array.from(sizes),
      hits: Float64Array.from(hits),
      lengths: Float64Array.from(this.#lengths),
      size: this.#size,
      words: this.#words,
    };
  }

  restore({ postings, sizes, hits, lengths, size, words }: TextIndexState): void {
    mustCount(size, DOCUMENTS_EVER_MAX, 'how many texts there were');
    mustCount(words, Number.MAX_SAFE_INTEGER, 'how many words there were');
    mustArray(sizes, Uint16Array, postings.keys.length);
    mustNumbers(hits, Float64Array, hits.length, 0);
    mustNumbers(lengths, Float64Array, Math.min(size, this.#documentsMax), 0);
    let [at, from] = [0, 0];
    this.#postings.restore(postings, (seen) => {
      const to = from + (sizes[at] as number);
      must(to <= hits.length && to > from && to - from < 2 * POSTINGS_MAX, 'the hits of a term');
      must(seen > 0 && seen <= size, 'how often a term was seen');
      const own = Array.from(hits.subarray(from, to));
      must(
        own.every((hit, i) => hit < size * COUNTS && (i === 0 || hit > (own[i - 1] as number))),
        'hits in order',
      );
      at += 1;
      from = to;
      return { seen, hits: own };
    });
    this.#lengths = Array.from(lengths);
    this.#size = size;
    this.#words = words;
  }

  /** Drops what no query reads any more, at lengths that are rare enough to cost nothing on average. */
  #cut(posting: Posting): void {
    const { hits } = posting;
    if (hits.length >= 2 * POSTINGS_MAX) posting.hits = hits.slice(POSTINGS_MAX);
    else if (hits.length >= STALE_HITS_MIN && (hits.length & (hits.length - 1)) === 0) {
      const oldest = (this.#size - this.#documentsMax) * COUNTS;
      if ((hits[hits.length >> 1] as number) < oldest) posting.hits = hits.filter((hit) => hit >= oldest);
    }
  }

  #score({ seen, hits }: Posting, found: number[]): void {
    const weight = Math.log(1 + (this.#size - seen + 0.5) / (seen + 0.5)) * (K1 + 1);
    const average = this.#words / this.#size;
    const scores = this.#scores;
    for (let i = Math.max(0, hits.length - POSTINGS_MAX); i < hits.length; i += 1) {
      const hit = hits[i] as number;
      const document = Math.floor(hit / COUNTS);
      if (document < this.#size - this.#documentsMax) continue;
      const count = hit - document * COUNTS;
      const place = document % this.#documentsMax;
      const length = this.#lengths[place] as number;
      if (scores[place] === 0) found.push(document);
      scores[place] =
        (scores[place] as number) + (weight * count) / (count + K1 * (1 - B + (B * length) / average));
    }
  }
}
