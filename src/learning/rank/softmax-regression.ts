/**
 * Online softmax regression (Adagrad, Duchi et al. 2011) over the candidates of one prediction: dense weights that all
 * predictions share, dense ones of some of them, and hashed weights for pairs of what is around and what a candidate is.
 */
import { must, mustArray, mustNumbers } from '../state-check.ts';
import { FlatTable } from './flat-table.ts';

const SHARED_RATE = 0.02;
const OWN_RATE = 0.01;
const DENSE_CALM = 1;
const ERROR_MIN = 5e-4;
const SLOPE_MIN = 1e-6;

export interface Candidates {
  /** For each candidate, what the atoms speak about: itself and, where they generalise, its parts. */
  readonly hashes: readonly (readonly number[])[];
  /** One row of as many features as there are weights for each candidate. */
  readonly features: Float64Array;
  readonly atoms: Uint32Array;
  /** Whether the step's words were told; the starting weights differ. */
  readonly told: boolean;
}

/** Which sets of dense weights are meant. */
export type Sets = readonly [shared: number, own: number];

export interface RegressionSettings {
  /** The first dense weights without and with the step's words. */
  readonly starts: readonly (readonly number[])[];
  /** Keys of sets are from the first to below the second. */
  readonly keys: readonly [least: number, end: number];
  readonly pairBits: number;
  readonly pairRate: number;
  readonly pairCalm: number;
  /** Candidates that are so far behind the best, or behind so many, are not asked what the pairs say. */
  readonly hopeless: number;
  readonly askedMax: number;
}

export interface DenseState {
  readonly keys: Int32Array;
  /** As many numbers for each key as there are weights. */
  readonly weights: Float64Array;
  readonly sums: Float64Array;
}

interface Weights {
  readonly weights: Float64Array;
  readonly sums: Float64Array;
}

export class SoftmaxRegression {
  /** A weight and its sum of squared slopes, for each pair. */
  readonly pairs: FlatTable;
  readonly #settings: RegressionSettings;
  readonly #starts: readonly Float64Array[];
  readonly #width: number;
  readonly #dense = new Map<number, Weights>();

  constructor(settings: RegressionSettings) {
    this.pairs = new FlatTable(settings.pairBits);
    this.#settings = settings;
    this.#starts = settings.starts.map((weights) => Float64Array.from(weights));
    this.#width = (this.#starts[0] as Float64Array).length;
  }

  /** The share of each candidate; the shares add up to 1. */
  shares(candidates: Candidates, sets: Sets): Float64Array {
    const shares = this.#denseScores(candidates, sets);
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < shares.length; c += 1) top = Math.max(top, shares[c] as number);
    // the pairs are the dear part
    const least = this.#leastAsked(shares, top);
    const said = new Map<number, number>();
    for (let c = 0; c < shares.length; c += 1) {
      if ((shares[c] as number) < least) continue;
      shares[c] = (shares[c] as number) + this.#pairScore(candidates, c, said);
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
  learn(candidates: Candidates, [shared, own]: Sets, shares: Float64Array, truth: number): void {
    const { features, hashes, atoms } = candidates;
    const width = this.#width;
    const gradient = new Float64Array(width);
    const slopes = new Map<number, number>();
    for (let c = 0; c < shares.length; c += 1) {
      const error = (c === truth ? 1 : 0) - (shares[c] as number);
      if (Math.abs(error) < ERROR_MIN) continue;
      for (let i = 0, at = c * width; i < width; i += 1, at += 1)
        gradient[i] = (gradient[i] as number) + error * (features[at] as number);
      const about = hashes[c] as readonly number[];
      const slope = error * gainOf(atoms, about);
      for (const hash of about) slopes.set(hash, (slopes.get(hash) ?? 0) + slope);
    }
    this.#learnPairs(atoms, slopes);
    this.#learnDense(shared, gradient, SHARED_RATE);
    this.#learnDense(own, gradient, OWN_RATE);
  }

  /** Of the dense weights; whoever owns the regression knows how it keeps the pairs. */
  snapshot(): DenseState {
    const width = this.#width;
    const sets = [...this.#dense.values()];
    const state = {
      keys: Int32Array.from(this.#dense.keys()),
      weights: new Float64Array(sets.length * width),
      sums: new Float64Array(sets.length * width),
    };
    for (const [i, { weights, sums }] of sets.entries()) {
      state.weights.set(weights, i * width);
      state.sums.set(sums, i * width);
    }
    return state;
  }

  /** It must be new. */
  restore({ keys, weights, sums }: DenseState): void {
    const width = this.#width;
    const [least, end] = this.#settings.keys;
    mustArray(keys, Int32Array, keys.length);
    mustNumbers(weights, Float64Array, keys.length * width);
    mustNumbers(sums, Float64Array, keys.length * width, 0);
    for (const [i, key] of keys.entries()) {
      must(key >= least && key < end && !this.#dense.has(key), 'a set of weights, each once');
      const [from, to] = [i * width, (i + 1) * width];
      this.#dense.set(key, { weights: weights.slice(from, to), sums: sums.slice(from, to) });
    }
  }

  #denseScores({ features, hashes, told }: Candidates, sets: Sets): Float64Array {
    const width = this.#width;
    const weights = new Float64Array(this.#starts[told ? 1 : 0] as Float64Array);
    for (const key of sets) {
      const set = this.#dense.get(key)?.weights;
      if (set) for (let i = 0; i < width; i += 1) weights[i] = (weights[i] as number) + (set[i] as number);
    }
    const scores = new Float64Array(hashes.length);
    for (let c = 0, at = 0; c < scores.length; c += 1) {
      let score = 0;
      for (let i = 0; i < width; i += 1, at += 1) score += (weights[i] as number) * (features[at] as number);
      scores[c] = score;
    }
    return scores;
  }

  #leastAsked(scores: Float64Array, top: number): number {
    const { hopeless, askedMax } = this.#settings;
    if (scores.length <= askedMax) return top - hopeless;
    return Math.max(top - hopeless, scores.toSorted()[scores.length - askedMax] as number);
  }

  /** `said`: of each hash, since candidates have parts in common. */
  #pairScore({ hashes, atoms }: Candidates, c: number, said: Map<number, number>): number {
    const about = hashes[c] as readonly number[];
    const { pairs } = this;
    const { numbers } = pairs;
    let score = 0;
    for (const hash of about) {
      let sum = said.get(hash);
      if (sum === undefined) {
        sum = 0;
        for (let i = 0; i < atoms.length; i += 1)
          sum += numbers[pairs.at((atoms[i] as number) ^ hash)] as number;
        said.set(hash, sum);
      }
      score += sum;
    }
    return score * gainOf(atoms, about);
  }

  #learnPairs(atoms: Uint32Array, slopes: ReadonlyMap<number, number>): void {
    const { pairs } = this;
    const { numbers } = pairs;
    const { pairRate, pairCalm } = this.#settings;
    for (const [hash, slope] of slopes) {
      if (Math.abs(slope) < SLOPE_MIN) continue;
      for (let i = 0; i < atoms.length; i += 1) {
        const at = pairs.at((atoms[i] as number) ^ hash);
        const sum = (numbers[at + 1] as number) + slope * slope;
        numbers[at + 1] = sum;
        numbers[at] = (numbers[at] as number) + (pairRate * slope) / Math.sqrt(sum + pairCalm);
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
      weights[i] = (weights[i] as number) + (rate * slope) / Math.sqrt((sums[i] as number) + DENSE_CALM);
    }
  }
}

const gainOf = (atoms: Uint32Array, about: readonly number[]): number =>
  1 / Math.sqrt(Math.max(1, atoms.length * about.length));
