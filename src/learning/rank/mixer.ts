/**
 * Online softmax regression (Adagrad, Duchi et al. 2011) over the candidates of one prediction: shared dense
 * weights, dense weights of the matching bucket, and a hashed table of weights for pairs of atom and label word.
 * The weights start where they ended on other people's histories, so that a short history is enough.
 */
import { must, mustArray, mustNumbers } from '../state-check.ts';

const DENSE_RATE = 0.02;
const BUCKET_RATE = 0.01;
const SPARSE_RATE = 0.4;
const SPARSE_CALM = 0.1;
const SPARSE_SHIFT = 12;
export const SPARSE_SLOTS = 2 ** (32 - SPARSE_SHIFT);
const ERROR_MIN = 5e-4;
const SLOPE_MIN = 1e-6;
/** Candidates that are so far behind the best, or behind so many, are not asked what the atoms say. */
const HOPELESS = 4;
const ASKED_MAX = 32;

export interface Candidates {
  /** For each candidate, what the atoms speak about: its label and, where they generalise, the label's words. */
  readonly hashes: readonly (readonly number[])[];
  /** One row of `width` features for each candidate. */
  readonly features: Float64Array;
  readonly atoms: Uint32Array;
  readonly bucket: number;
  /** Whether the step's words were told; the starting weights differ. */
  readonly told: boolean;
}

/** Weights that the hashed table begins with: their slots, in ascending order. */
export interface TableStart {
  readonly slots: Uint32Array;
  readonly weights: Float32Array;
}

interface Weights {
  readonly weights: Float64Array;
  readonly sums: Float64Array;
}

/** Of the hashed table only what was ever learned, unless that is most of it: at first nearly all of it is 0. */
export interface MixerState {
  readonly keys: Int32Array;
  /** `width` numbers for each key. */
  readonly weights: Float64Array;
  readonly sums: Float64Array;
  /** Slots in ascending order, with what is in them. */
  readonly slots: Uint32Array;
  readonly sparse: Float32Array;
  readonly sparseSums: Float32Array;
  /** Where most slots were learned: all of the table, and no slots. */
  readonly table: Float32Array;
}

/** The sum of squared slopes that a usual weight begins with: it moves a little less easily than one that is new. */
const HABIT_SUM = Math.fround(0.1);

/** Where words are told the features say other things: those weights are sets of their own. */
const setsOf = ({ bucket, told }: Candidates): readonly [shared: number, bucket: number] =>
  told ? [-2, TOLD_SETS + bucket] : [-1, bucket];
const TOLD_SETS = 2 ** 9;
/** The shared weights and one set for each bucket; more cannot be. */
const SETS_MAX = 2 + 2 ** 10;

export class Mixer {
  readonly #width: number;
  readonly #starts: readonly Float64Array[];
  readonly #dense = new Map<number, Weights>();
  /** A weight and its sum of squared slopes beside each other, for each slot: they are read together. */
  readonly #table = new Float32Array(2 * SPARSE_SLOTS);
  readonly #start: TableStart;

  /** `starts`: the first dense weights without and with the step's words; `start`: the first ones of the table. */
  constructor(starts: readonly (readonly number[])[], start?: TableStart) {
    this.#starts = starts.map((weights) => Float64Array.from(weights));
    this.#width = (starts[0] as readonly number[]).length;
    this.#start = start ?? { slots: new Uint32Array(0), weights: new Float32Array(0) };
    const { slots, weights } = this.#start;
    for (let at = 0; at < slots.length; at += 1) {
      this.#table[2 * (slots[at] as number)] = weights[at] as number;
      this.#table[2 * (slots[at] as number) + 1] = HABIT_SUM;
    }
  }

  /** The share of each candidate; the shares add up to 1. */
  shares(candidates: Candidates): Float64Array {
    const { hashes, features, told } = candidates;
    const width = this.#width;
    const weights = new Float64Array(this.#starts[told ? 1 : 0] as Float64Array);
    for (const key of setsOf(candidates)) {
      const set = this.#dense.get(key)?.weights;
      if (set) for (let i = 0; i < width; i += 1) weights[i] = (weights[i] as number) + (set[i] as number);
    }
    const shares = new Float64Array(hashes.length);
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < hashes.length; c += 1) {
      let score = 0;
      for (let i = 0, at = c * width; i < width; i += 1, at += 1)
        score += (weights[i] as number) * (features[at] as number);
      shares[c] = score;
      top = Math.max(top, score);
    }
    // the atoms are the dear part
    const least = Math.max(top - HOPELESS, shares.toSorted()[shares.length - ASKED_MAX] ?? top - HOPELESS);
    const said = new Map<number, number>();
    for (let c = 0; c < shares.length; c += 1) {
      if ((shares[c] as number) < least) continue;
      shares[c] = (shares[c] as number) + this.#sparseScore(candidates, c, said);
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
    const { features, hashes, atoms } = candidates;
    const width = this.#width;
    const slopes = new Map<number, number>();
    const gradient = new Float64Array(width);
    for (let c = 0; c < shares.length; c += 1) {
      const error = (c === truth ? 1 : 0) - (shares[c] as number);
      if (Math.abs(error) < ERROR_MIN) continue;
      for (let i = 0; i < width; i += 1) {
        gradient[i] = (gradient[i] as number) + error * (features[c * width + i] as number);
      }
      const own = hashes[c] as readonly number[];
      const slope = error * gainOf(atoms, own);
      for (const hash of own) slopes.set(hash, (slopes.get(hash) ?? 0) + slope);
    }
    this.#learnSparse(atoms, slopes);
    const [shared, bucket] = setsOf(candidates);
    this.#learnDense(shared, gradient, DENSE_RATE);
    this.#learnDense(bucket, gradient, BUCKET_RATE);
  }

  snapshot(): MixerState {
    const sets = [...this.#dense.values()];
    const all = this.#learnedSlots();
    const isMost = all.length > SPARSE_SLOTS / 2;
    const learned = isMost ? all.subarray(0, 0) : all;
    const used = learned.length;
    const state = {
      keys: Int32Array.from(this.#dense.keys()),
      weights: new Float64Array(sets.length * this.#width),
      sums: new Float64Array(sets.length * this.#width),
      slots: new Uint32Array(used),
      sparse: new Float32Array(used),
      sparseSums: new Float32Array(used),
      table: isMost ? this.#table.slice() : new Float32Array(0),
    };
    for (const [at, { weights, sums }] of sets.entries()) {
      state.weights.set(weights, at * this.#width);
      state.sums.set(sums, at * this.#width);
    }
    state.slots.set(learned);
    for (let at = 0; at < used; at += 1) {
      const slot = learned[at] as number;
      state.sparse[at] = this.#table[2 * slot] as number;
      state.sparseSums[at] = this.#table[2 * slot + 1] as number;
    }
    return state;
  }

  /** The slots that were moved, in ascending order. */
  #learnedSlots(): Uint32Array {
    const { slots, weights } = this.#start;
    const learned = new Uint32Array(SPARSE_SLOTS);
    let [size, habit] = [0, 0];
    for (let slot = 0; slot < SPARSE_SLOTS; slot += 1) {
      const isHabit = slots[habit] === slot;
      const [weight, sum] = isHabit ? [weights[habit], HABIT_SUM] : [0, 0];
      if (isHabit) habit += 1;
      if (this.#table[2 * slot + 1] === sum && this.#table[2 * slot] === weight) continue;
      learned[size] = slot;
      size += 1;
    }
    return learned.subarray(0, size);
  }

  restore({ keys, weights, sums, slots, sparse, sparseSums, table }: MixerState): void {
    const width = this.#width;
    mustArray(keys, Int32Array, keys.length);
    must(keys.length <= SETS_MAX, 'a bounded number of weights');
    mustNumbers(weights, Float64Array, keys.length * width);
    mustNumbers(sums, Float64Array, keys.length * width, 0);
    for (const [at, key] of keys.entries()) {
      const [from, to] = [at * width, (at + 1) * width];
      this.#dense.set(key, { weights: weights.slice(from, to), sums: sums.slice(from, to) });
    }
    mustNumbers(table, Float32Array, table.length > 0 ? this.#table.length : 0);
    for (let at = 1; at < table.length; at += 2) must((table[at] as number) >= 0, 'sums of squares');
    this.#table.set(table);
    mustArray(slots, Uint32Array, slots.length);
    mustNumbers(sparse, Float32Array, slots.length);
    mustNumbers(sparseSums, Float32Array, slots.length, 0);
    for (let at = 0; at < slots.length; at += 1) {
      const slot = slots[at] as number;
      must(slot < SPARSE_SLOTS, 'a slot of the table');
      this.#table[2 * slot] = sparse[at] as number;
      this.#table[2 * slot + 1] = sparseSums[at] as number;
    }
  }

  /** What the atoms say of the candidate; `said`: of each hash, since candidates have words in common. */
  #sparseScore({ hashes, atoms }: Candidates, c: number, said: Map<number, number>): number {
    const own = hashes[c] as readonly number[];
    const table = this.#table;
    let score = 0;
    for (const hash of own) {
      let sum = said.get(hash);
      if (sum === undefined) {
        sum = 0;
        for (let i = 0; i < atoms.length; i += 1)
          sum += table[2 * slotOf(atoms[i] as number, hash)] as number;
        said.set(hash, sum);
      }
      score += sum;
    }
    return score * gainOf(atoms, own);
  }

  #learnSparse(atoms: Uint32Array, slopes: ReadonlyMap<number, number>): void {
    const table = this.#table;
    for (const [hash, slope] of slopes) {
      if (Math.abs(slope) < SLOPE_MIN) continue;
      for (let i = 0; i < atoms.length; i += 1) {
        const at = 2 * slotOf(atoms[i] as number, hash);
        const sum = (table[at + 1] as number) + slope * slope;
        table[at + 1] = sum;
        table[at] = (table[at] as number) + (SPARSE_RATE * slope) / Math.sqrt(sum + SPARSE_CALM);
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

/** One multiplication of what are hashes already, and its high bits: this runs a hundred thousand times a command. */
const slotOf = (atom: number, label: number): number => Math.imul(atom ^ label, 0x9e3779b1) >>> SPARSE_SHIFT;
const gainOf = (atoms: Uint32Array, own: readonly number[]): number =>
  1 / Math.sqrt(Math.max(1, atoms.length * own.length));
