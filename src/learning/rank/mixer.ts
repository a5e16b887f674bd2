/**
 * Online softmax regression (Adagrad) over the candidates of one prediction: shared dense weights,
 * dense weights of the matching buckets, and a hashed table of weights for pairs of atom and label.
 */
import { mixHash } from './hash.ts';

const opt = (globalThis as any).OPT ?? {};
const DENSE_RATE = opt.dr ?? 0.02;
const SPARSE_RATE = opt.sr ?? 0.4;
const SPARSE_SLOTS = 1 << 20;
const SPARSE_DECAY = opt.sd ?? 0;
const SMALL = 1e-4;

export interface Candidates {
  readonly ids: readonly number[];
  /** What of each label the atoms speak about: the label itself and, where they generalise, its words. */
  readonly hashes: readonly (readonly number[])[];
  /** One row of `width` features for each candidate. */
  readonly features: Float64Array;
  readonly atoms: readonly number[];
  readonly atomGain: number;
  readonly buckets: readonly number[];
  /** Whether the step's words were told. */
  readonly told: boolean;
}

export class Mixer {
  readonly #width: number;
  readonly #start: Float64Array;
  readonly #dense = new Map<number, { readonly weights: Float64Array; readonly sums: Float64Array }>();
  readonly #sparse = new Float32Array(SPARSE_SLOTS);
  readonly #sparseSums = new Float32Array(SPARSE_SLOTS);

  level = 0;
  dump(told: boolean) { const w = [...(opt.START?.[this.level]?.[told ? 1 : 0] ?? this.#start)]; const d = this.#dense.get(0)!.weights; return w.map((x, i) => +(x + d[i]!).toFixed(4)); }
  constructor(start: readonly number[]) {
    this.#width = start.length;
    this.#start = Float64Array.from(start);
  }

  /** The share of each candidate; the shares add up to 1. */
  shares(candidates: Candidates): Float64Array {
    const { ids, hashes, features, atoms, buckets, atomGain } = candidates;
    const width = this.#width;
    const weights = (opt.START?.[this.level]?.[candidates.told ? 1 : 0] ? Float64Array.from(opt.START[this.level][candidates.told ? 1 : 0]) : this.#start.slice());
    for (const bucket of [0, ...buckets]) {
      const set = this.#dense.get(bucket);
      if (set) for (let i = 0; i < width; i += 1) weights[i] = (weights[i] as number) + (set.weights[i] as number);
    }
    const scores = new Float64Array(ids.length);
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < ids.length; c += 1) {
      let score = 0;
      for (let i = 0; i < width; i += 1) score += (weights[i] as number) * (features[c * width + i] as number);
      let sparse = 0;
      for (const hash of hashes[c] as readonly number[]) {
        for (const atom of atoms) sparse += this.#sparse[this.#slot(atom, hash)] as number;
      }
      scores[c] = score + sparse * atomGain / Math.sqrt((hashes[c] as readonly number[]).length);
      if ((scores[c] as number) > top) top = scores[c] as number;
    }
    let sum = 0;
    for (let c = 0; c < ids.length; c += 1) sum += scores[c] = Math.exp((scores[c] as number) - top);
    for (let c = 0; c < ids.length; c += 1) scores[c] = (scores[c] as number) / sum;
    return scores;
  }

  #ring: { c: Candidates; t: number }[] = [];
  #seed = 1;
  train(c: Candidates, shares: Float64Array, truth: number): void {
    this.learn(c, shares, truth);
    const n = opt.rp ?? 0;
    for (let i = 0; i < n && this.#ring.length; i++) {
      this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
      const e = this.#ring[this.#seed % this.#ring.length]!;
      this.learn(e.c, this.shares(e.c), e.t);
    }
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    if (this.#ring.length < (opt.ring ?? 300)) this.#ring.push({ c, t: truth }); else this.#ring[this.#seed % this.#ring.length] = { c, t: truth };
  }

  /** Moves the weights so that candidate `truth` would have had a larger share. */
  learn(candidates: Candidates, shares: Float64Array, truth: number): void {
    const { ids, features, buckets } = candidates;
    const width = this.#width;
    const gradient = new Float64Array(width);
    for (let c = 0; c < ids.length; c += 1) {
      const error = (c === truth ? 1 : 0) - (shares[c] as number);
      if (Math.abs(error) < SMALL) continue;
      for (let i = 0; i < width; i += 1) {
        gradient[i] = (gradient[i] as number) + error * (features[c * width + i] as number);
      }
      this.#learnAtoms(candidates, c, error);
    }
    this.#learnDense(0, gradient, DENSE_RATE);
    for (const bucket of buckets) this.#learnDense(bucket, gradient, DENSE_RATE * (opt.br ?? 0.5));
  }

  #learnDense(bucket: number, gradient: Float64Array, rate: number): void {
    let set = this.#dense.get(bucket);
    if (!set) {
      set = { weights: new Float64Array(this.#width), sums: new Float64Array(this.#width) };
      this.#dense.set(bucket, set);
    }
    const { weights, sums } = set;
    for (let i = 0; i < this.#width; i += 1) {
      const slope = gradient[i] as number;
      sums[i] = (sums[i] as number) + slope * slope;
      weights[i] = (weights[i] as number) + (rate * slope) / Math.sqrt((sums[i] as number) + 1);
    }
  }

  #learnAtoms({ hashes, atoms, atomGain }: Candidates, c: number, error: number): void {
    const own = hashes[c] as readonly number[];
    const slope = error * atomGain / Math.sqrt(own.length);
    for (const hash of own) {
      for (const atom of atoms) {
        const slot = this.#slot(atom, hash);
        const sum = (this.#sparseSums[slot] as number) + slope * slope;
        if (SPARSE_DECAY) this.#sparse[slot] = (this.#sparse[slot] as number) * (1 - SPARSE_DECAY * Math.abs(error));
        this.#sparseSums[slot] = sum;
        this.#sparse[slot] = (this.#sparse[slot] as number) + (SPARSE_RATE * slope) / Math.sqrt(sum + (opt.eps ?? 0.1));
      }
    }
  }

  #slot(atom: number, label: number): number {
    return mixHash(atom, label) & (SPARSE_SLOTS - 1);
  }
}
