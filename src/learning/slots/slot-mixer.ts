/**
 * Online softmax regression (Adagrad, Duchi et al. 2011) over the values that may stand in a slot: dense weights that all
 * slots share and some of the slot's own, and hashed weights for pairs of where the slot stands and what the value is.
 * As the mixer of the next command, but with a small table and its own rates: here a pair seen once says much.
 */
import { must, mustArray, mustNumbers } from '../state-check.ts';
import { FlatTable, type FlatTableState } from './flat-table.ts';

const SHARED = -1;
const SHARED_RATE = 0.02;
const OWN_RATE = 0.01;
const DENSE_CALM = 1;
const PAIR_RATE = 0.3;
const PAIR_CALM = 0.02;
const PAIR_BITS = 18;
const ERROR_MIN = 5e-4;
const SLOPE_MIN = 1e-6;
/** So far behind the best a value cannot win by its pairs any more. */
const HOPELESS = 6;

export interface MixedSlot {
  /** For each candidate what the pairs speak about. */
  readonly hashes: readonly (readonly number[])[];
  /** One row of as many features as there are weights for each candidate. */
  readonly features: Float64Array;
  readonly atoms: Uint32Array;
  /** Below `OWN_MAX`; which weights are the slot's own. */
  readonly own: number;
  /** Whether the step's words were told; the starting weights differ. */
  readonly told: boolean;
}

/** More sets of own weights cannot be. */
export const OWN_MAX = 512;

interface Weights {
  readonly weights: Float64Array;
  readonly sums: Float64Array;
}

export interface SlotMixerState {
  readonly keys: Int32Array;
  /** As many numbers for each key as there are weights. */
  readonly weights: Float64Array;
  readonly sums: Float64Array;
  readonly pairs: FlatTableState;
}

export class SlotMixer {
  readonly #starts: readonly (readonly number[])[];
  readonly #width: number;
  readonly #dense = new Map<number, Weights>();
  /** A weight and its sum of squared slopes. */
  readonly #pairs = new FlatTable(PAIR_BITS);

  /** `starts`: the first dense weights without and with the step's words. */
  constructor(starts: readonly (readonly number[])[]) {
    this.#starts = starts;
    this.#width = (starts[0] as readonly number[]).length;
  }

  /** The share of each candidate; the shares add up to 1. */
  shares(slot: MixedSlot): Float64Array {
    const shares = this.#denseScores(slot);
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < shares.length; c += 1) top = Math.max(top, shares[c] as number);
    const least = top - HOPELESS;
    const said = new Map<number, number>();
    for (let c = 0; c < shares.length; c += 1) {
      if ((shares[c] as number) < least) continue;
      shares[c] = (shares[c] as number) + this.#pairScore(slot, c, said);
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
  learn(slot: MixedSlot, shares: Float64Array, truth: number): void {
    const { features, own, hashes, atoms } = slot;
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
    this.#learnDense(SHARED, gradient, SHARED_RATE);
    this.#learnDense(own, gradient, OWN_RATE);
    this.#learnPairs(atoms, slopes);
  }

  snapshot(): SlotMixerState {
    const sets = [...this.#dense.values()];
    const state = {
      keys: Int32Array.from(this.#dense.keys()),
      weights: new Float64Array(sets.length * this.#width),
      sums: new Float64Array(sets.length * this.#width),
      pairs: this.#pairs.snapshot(),
    };
    for (const [i, { weights, sums }] of sets.entries()) {
      state.weights.set(weights, i * this.#width);
      state.sums.set(sums, i * this.#width);
    }
    return state;
  }

  /** It must be new. */
  restore({ keys, weights, sums, pairs }: SlotMixerState): void {
    const width = this.#width;
    mustArray(keys, Int32Array, keys.length);
    mustNumbers(weights, Float64Array, keys.length * width);
    mustNumbers(sums, Float64Array, keys.length * width, 0);
    for (const [i, key] of keys.entries()) {
      must(key >= SHARED && key < OWN_MAX && !this.#dense.has(key), 'a set of weights, each once');
      const [from, to] = [i * width, (i + 1) * width];
      this.#dense.set(key, { weights: weights.slice(from, to), sums: sums.slice(from, to) });
    }
    this.#pairs.restore(pairs);
  }

  #denseScores({ features, own, hashes, told }: MixedSlot): Float64Array {
    const width = this.#width;
    const weights = Float64Array.from(this.#starts[told ? 1 : 0] as readonly number[]);
    for (const key of [SHARED, own]) {
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

  /** `said`: of each hash, since candidates have much in common. */
  #pairScore({ hashes, atoms }: MixedSlot, c: number, said: Map<number, number>): number {
    const about = hashes[c] as readonly number[];
    const { numbers } = this.#pairs;
    let score = 0;
    for (const hash of about) {
      let sum = said.get(hash);
      if (sum === undefined) {
        sum = 0;
        for (let i = 0; i < atoms.length; i += 1)
          sum += numbers[this.#pairs.at((atoms[i] as number) ^ hash)] as number;
        said.set(hash, sum);
      }
      score += sum;
    }
    return score * gainOf(atoms, about);
  }

  #learnPairs(atoms: Uint32Array, slopes: ReadonlyMap<number, number>): void {
    const { numbers } = this.#pairs;
    for (const [hash, slope] of slopes) {
      if (Math.abs(slope) < SLOPE_MIN) continue;
      for (let i = 0; i < atoms.length; i += 1) {
        const at = this.#pairs.at((atoms[i] as number) ^ hash);
        const sum = (numbers[at + 1] as number) + slope * slope;
        numbers[at + 1] = sum;
        numbers[at] = (numbers[at] as number) + (PAIR_RATE * slope) / Math.sqrt(sum + PAIR_CALM);
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
