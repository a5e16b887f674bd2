/**
 * Weighs the labels that may come next: dense weights that all predictions share and those of the matching bucket, and
 * pairs of atom and label word. The weights start where they ended on other people's histories, so that a short history
 * is enough.
 */
import { must, mustArray, mustNumbers } from '../state-check.ts';
import { type Candidates, type DenseState, type Sets, SoftmaxRegression } from './softmax-regression.ts';

const SPARSE_BITS = 20;
export const SPARSE_SLOTS = 2 ** SPARSE_BITS;
/** The sum of squared slopes that a usual weight begins with: it moves a little less easily than one that is new. */
const HABIT_SUM = Math.fround(0.1);
const SHARED = -1;
const TOLD_SHARED = -2;
/** Behind all buckets. */
const TOLD_SETS = 2 ** 9;

export interface BucketCandidates extends Candidates {
  /** Below `TOLD_SETS`. */
  readonly bucket: number;
}

/** Weights that the hashed table begins with: their slots, in ascending order. */
export interface TableStart {
  readonly slots: Uint32Array;
  readonly weights: Float32Array;
}

/** Of the hashed table only what was ever learned, unless that is most of it: at first nearly all of it is 0. */
export interface MixerState extends DenseState {
  /** Slots in ascending order, with what is in them. */
  readonly slots: Uint32Array;
  readonly sparse: Float32Array;
  readonly sparseSums: Float32Array;
  /** Where most slots were learned: all of the table, and no slots. */
  readonly table: Float32Array;
}

export class Mixer {
  readonly #regression: SoftmaxRegression;
  readonly #start: TableStart;

  /** `starts`: the first dense weights without and with the step's words; `start`: what the table begins with. */
  constructor(starts: readonly (readonly number[])[], start?: TableStart) {
    this.#regression = new SoftmaxRegression({
      starts,
      keys: [TOLD_SHARED, 2 * TOLD_SETS],
      pairBits: SPARSE_BITS,
      pairRate: 0.4,
      pairCalm: 0.1,
      hopeless: 4,
      askedMax: 32,
    });
    this.#start = start ?? { slots: new Uint32Array(0), weights: new Float32Array(0) };
  }

  /** Takes in the usual weights; a mixer that is restored has them. */
  begin(): void {
    const { slots, weights } = this.#start;
    const table = this.#table;
    for (let at = 0; at < slots.length; at += 1) {
      table[2 * (slots[at] as number)] = weights[at] as number;
      table[2 * (slots[at] as number) + 1] = HABIT_SUM;
    }
  }

  /** The share of each candidate; the shares add up to 1. */
  shares(candidates: BucketCandidates): Float64Array {
    return this.#regression.shares(candidates, setsOf(candidates));
  }

  /** Moves the weights so that candidate `truth` would have had a larger share. */
  learn(candidates: BucketCandidates, shares: Float64Array, truth: number): void {
    this.#regression.learn(candidates, setsOf(candidates), shares, truth);
  }

  snapshot(): MixerState {
    const from = this.#table;
    const count = this.#movedCount();
    const isMost = count > SPARSE_SLOTS / 2;
    const size = isMost ? 0 : count;
    const state = {
      slots: new Uint32Array(size),
      sparse: new Float32Array(size),
      sparseSums: new Float32Array(size),
      table: isMost ? from : new Float32Array(0),
    };
    const { slots } = this.#start;
    for (let slot = 0, habit = 0, at = 0; at < size; slot += 1) {
      const isHabit = slots[habit] === slot;
      if (isHabit) habit += 1;
      if (from[2 * slot + 1] === 0 || (isHabit && !this.#isMoved(habit - 1))) continue;
      state.slots[at] = slot;
      state.sparse[at] = from[2 * slot] as number;
      state.sparseSums[at] = from[2 * slot + 1] as number;
      at += 1;
    }
    return { ...this.#regression.snapshot(), ...state };
  }

  /** It must be new; a whole table is taken over. */
  restore({ slots, sparse, sparseSums, table, ...dense }: MixerState): void {
    const { pairs } = this.#regression;
    this.#regression.restore(dense);
    mustNumbers(table, Float32Array, table.length > 0 ? pairs.length : 0);
    for (let at = 1; at < table.length; at += 2) must((table[at] as number) >= 0, 'sums of squares');
    if (table.length > 0) pairs.take(table);
    else this.begin();
    mustArray(slots, Uint32Array, slots.length);
    mustNumbers(sparse, Float32Array, slots.length);
    mustNumbers(sparseSums, Float32Array, slots.length, 0);
    const into = this.#table;
    for (let at = 0; at < slots.length; at += 1) {
      const slot = slots[at] as number;
      must(slot < SPARSE_SLOTS, 'a slot of the table');
      into[2 * slot] = sparse[at] as number;
      into[2 * slot + 1] = sparseSums[at] as number;
    }
  }

  /** A weight and its sum of squared slopes beside each other, for each slot. */
  get #table(): Float32Array {
    return this.#regression.pairs.numbers;
  }

  /** How many slots were moved: those with a sum, without the habits that are as they were. */
  #movedCount(): number {
    const table = this.#table;
    let count = 0;
    for (let at = 1; at < table.length; at += 2) if (table[at] !== 0) count += 1;
    for (let habit = 0; habit < this.#start.slots.length; habit += 1) if (!this.#isMoved(habit)) count -= 1;
    return count;
  }

  #isMoved(habit: number): boolean {
    const { slots, weights } = this.#start;
    const at = 2 * (slots[habit] as number);
    return this.#table[at] !== weights[habit] || this.#table[at + 1] !== HABIT_SUM;
  }
}

/** Where words are told the features say other things: those weights are sets of their own. */
const setsOf = ({ bucket, told }: BucketCandidates): Sets =>
  told ? [TOLD_SHARED, TOLD_SETS + bucket] : [SHARED, bucket];
