/**
 * How many requests somebody may send: a bucket that fills by a steady rate, and holds enough for a burst of five seconds.
 * Bounded: who has a full bucket needs no place here.
 */

const BURST_SECONDS = 5;
const BUCKETS_MAX = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param perSecond 0 for no limit */
  constructor(perSecond: number, now: () => number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = perSecond * BURST_SECONDS;
    this.#now = now;
  }

  /** Milliseconds to wait; 0 where the request may go on, and then it is counted. */
  take(who: string): number {
    if (this.#burst === 0) return 0;
    const now = this.#now();
    if (this.#buckets.size >= BUCKETS_MAX && !this.#buckets.has(who)) this.#sweep(now);
    const bucket = this.#buckets.get(who) ?? { tokens: this.#burst, atMs: now };
    bucket.tokens = this.#filled(bucket, now);
    bucket.atMs = Math.max(bucket.atMs, now);
    this.#buckets.set(who, bucket);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.#perMs);
    bucket.tokens -= 1;
    return 0;
  }

  #filled({ tokens, atMs }: Bucket, now: number): number {
    return Math.min(this.#burst, tokens + Math.max(0, now - atMs) * this.#perMs);
  }

  /** Under a flood of names all are forgotten: better than a memory without end. */
  #sweep(now: number): void {
    for (const [who, bucket] of this.#buckets)
      if (this.#filled(bucket, now) >= this.#burst) this.#buckets.delete(who);
    if (this.#buckets.size >= BUCKETS_MAX) this.#buckets.clear();
  }
}
