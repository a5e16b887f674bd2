/**
 * Online softmax regression (Adagrad, Duchi et al. 2011) over the candidates of one prediction: shared dense
 * weights, dense weights of the matching bucket, and a hashed table of weights for pairs of atom and label word.
 * The weights start where they ended on other people's histories, so that a short history is enough.
 */
import { mixHash } from './hash.ts';

const DENSE_RATE = 0.02;
const BUCKET_RATE = 0.01;
const SPARSE_RATE = 0.4;
const SPARSE_CALM = 0.1;
const SPARSE_SLOTS = 1 << 20;
const ERROR_MIN = 5e-4;
const HOPELESS = 6;

export interface Candidates {
  /** For each candidate, what the atoms speak about: its label and, where they generalise, the label's words. */
  readonly hashes: readonly (readonly number[])[];
  /** One row of `width` features for each candidate. */
  readonly features: Float64Array;
  readonly atoms: readonly number[];
  readonly bucket: number;
  /** Whether the step's words were told; the starting weights differ. */
  readonly told: boolean;
}

interface Weights {
  readonly weights: Float64Array;
  readonly sums: Float64Array;
}

export interface MixerState {
  readonly dense: readonly (readonly [number, number[], number[]])[];
  readonly sparse: Float32Array;
  readonly sparseSums: Float32Array;
}

const SHARED = -1;

export class Mixer {
  readonly #width: number;
  readonly #starts: readonly (readonly number[])[];
  readonly #dense = new Map<number, Weights>();
  readonly #sparse = new Float32Array(SPARSE_SLOTS);
  readonly #sparseSums = new Float32Array(SPARSE_SLOTS);

  /** `starts`: the first dense weights without and with the step's words. */
  constructor(starts: readonly (readonly number[])[]) {
    this.#starts = starts;
    this.#width = (starts[0] as readonly number[]).length;
  }

  /** The share of each candidate; the shares add up to 1. */
  shares(candidates: Candidates): Float64Array {
    const { hashes, features, bucket, told } = candidates;
    const width = this.#width;
    const weights = Float64Array.from(this.#starts[told ? 1 : 0] as readonly number[]);
    for (const key of [SHARED, bucket]) {
      const set = this.#dense.get(key)?.weights;
      if (set) for (let i = 0; i < width; i += 1) weights[i] = (weights[i] as number) + (set[i] as number);
    }
    const shares = new Float64Array(hashes.length);
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < hashes.length; c += 1) {
      let score = 0;
      for (let i = 0; i < width; i += 1)
        score += (weights[i] as number) * (features[c * width + i] as number);
      shares[c] = score;
      top = Math.max(top, score);
    }
    // The atoms are the dear part: only candidates that could still win are asked about them.
    const least = top - HOPELESS;
    for (let c = 0; c < shares.length; c += 1) {
      if ((shares[c] as number) < least) continue;
      shares[c] = (shares[c] as number) + this.#sparseScore(candidates, c);
      top = Math.max(top, shares[c] as number);
    }
    let sum = 0;
    for (let c = 0; c < shares.length; c += 1) {
      shares[c] = Math.exp((shares[c] as number) - top);
      sum += shares[c] as number;
    }
    for (let c = 0; c < shares.length; c += 1) shares[c] = (shares[c] as number) / sum;
    return shares;
  }

  /** Moves the weights so that candidate `truth` would have had a larger share. */
  learn(candidates: Candidates, shares: Float64Array, truth: number): void {
    const { features, bucket } = candidates;
    const width = this.#width;
    const gradient = new Float64Array(width);
    for (let c = 0; c < shares.length; c += 1) {
      const error = (c === truth ? 1 : 0) - (shares[c] as number);
      if (Math.abs(error) < ERROR_MIN) continue;
      for (let i = 0; i < width; i += 1) {
        gradient[i] = (gradient[i] as number) + error * (features[c * width + i] as number);
      }
      this.#learnSparse(candidates, c, error);
    }
    this.#learnDense(SHARED, gradient, DENSE_RATE);
    this.#learnDense(bucket, gradient, BUCKET_RATE);
  }

  snapshot(): MixerState {
    return {
      dense: [...this.#dense].map(([key, { weights, sums }]) => [key, [...weights], [...sums]]),
      sparse: this.#sparse.slice(),
      sparseSums: this.#sparseSums.slice(),
    };
  }

  restore({ dense, sparse, sparseSums }: MixerState): void {
    for (const [key, weights, sums] of dense) {
      this.#dense.set(key, { weights: Float64Array.from(weights), sums: Float64Array.from(sums) });
    }
    this.#sparse.set(sparse);
    this.#sparseSums.set(sparseSums);
  }

  #sparseScore({ hashes, atoms }: Candidates, c: number): number {
    const own = hashes[c] as readonly number[];
    let score = 0;
    for (const hash of own) for (const atom of atoms) score += this.#sparse[slotOf(atom, hash)] as number;
    return score * gainOf(atoms, own);
  }

  #learnSparse({ hashes, atoms }: Candidates, c: number, error: number): void {
    const own = hashes[c] as readonly number[];
    const slope = error * gainOf(atoms, own);
    for (const hash of own) {
      for (const atom of atoms) {
        const slot = slotOf(atom, hash);
        const sum = (this.#sparseSums[slot] as number) + slope * slope;
        this.#sparseSums[slot] = sum;
        this.#sparse[slot] =
          (this.#sparse[slot] as number) + (SPARSE_RATE * slope) / Math.sqrt(sum + SPARSE_CALM);
      }
    }
  }

  #learnDense(key: number, gradient: Float64Array, rate: number): void {
    let set = this.#dense.get(key);
    if (!set) {
      set = { weights: new Float64Array(this.#width), sums: new Float64Array(this.#width) };
      this.#dense.set(key, set);
    }
    const { weights, sums } = set;
    for (let i = 0; i < this.#width; i += 1) {
      const slope = gradient[i] as number;
      sums[i] = (sums[i] as number) + slope * slope;
      weights[i] = (weights[i] as number) + (rate * slope) / Math.sqrt((sums[i] as number) + 1);
    }
  }
}

const slotOf = (atom: number, label: number): number => mixHash(atom, label) & (SPARSE_SLOTS - 1);
const gainOf = (atoms: readonly number[], own: readonly number[]): number =>
  1 / Math.sqrt(Math.max(1, atoms.length * own.length));
