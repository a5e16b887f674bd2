/**
 * Weighs the values that may stand in a slot: dense weights that all slots share and some of the slot's own, and pairs of
 * where the slot stands and what the value is. The table is small and has its own rates: here a pair seen once says much.
 */
import type { FlatTableState } from '../rank/flat-table.ts';
import { type Candidates, type DenseState, SoftmaxRegression } from '../rank/softmax-regression.ts';

const SHARED = -1;

export interface MixedSlot extends Candidates {
  /** Below `OWN_MAX`; which weights are the slot's own. */
  readonly own: number;
}

/** More sets of own weights cannot be. */
export const OWN_MAX = 512;

export interface SlotMixerState extends DenseState {
  readonly pairs: FlatTableState;
}

export class SlotMixer {
  readonly #regression: SoftmaxRegression;

  /** `starts`: the first dense weights without and with the step's words. */
  constructor(starts: readonly (readonly number[])[]) {
    this.#regression = new SoftmaxRegression({
      starts,
      keys: [SHARED, OWN_MAX],
      pairBits: 18,
      pairRate: 0.3,
      pairCalm: 0.02,
      hopeless: 6,
      askedMax: Number.POSITIVE_INFINITY,
    });
  }

  /** The share of each candidate; the shares add up to 1. */
  shares(slot: MixedSlot): Float64Array {
    return this.#regression.shares(slot, [SHARED, slot.own]);
  }

  /** Moves the weights so that candidate `truth` would have had a larger share. */
  learn(slot: MixedSlot, shares: Float64Array, truth: number): void {
    this.#regression.learn(slot, [SHARED, slot.own], shares, truth);
  }

  snapshot(): SlotMixerState {
    return { ...this.#regression.snapshot(), pairs: this.#regression.pairs.snapshot() };
  }

  /** It must be new. */
  restore({ pairs, ...dense }: SlotMixerState): void {
    this.#regression.restore(dense);
    this.#regression.pairs.restore(pairs);
  }
}
