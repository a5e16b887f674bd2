/**
 * Online Bayesian logistic regression with one variance for each weight (assumed density filtering after Laplace, the
 * moderated output after MacKay 1992): what is known well moves little, what is new moves much, and the chance it gives
 * leans to the middle where little is known. A few dense inputs, and groups of hashed ones. Bounded.
 */
import { mustNumbers } from '../state-check.ts';

export const SLOTS = 1 << 18;
const SLOT_VARIANCE = 0.4;
const SCORE_MAX = 15;
/** What is all but certain still teaches a little. */
const SPREAD_MIN = 0.005;

export interface WeighedView {
  readonly dense: readonly number[];
  /** Slots; each group weighs the same, however many are in it. */
  readonly groups: readonly (readonly number[])[];
}

export interface DenseStart {
  readonly means: readonly number[];
  readonly variances: readonly number[];
}

export interface BayesWeightsState {
  readonly means: Float64Array;
  readonly variances: Float64Array;
  readonly slots: Float32Array;
  readonly sureness: Float32Array;
}

export class BayesWeights {
  readonly #means: Float64Array;
  readonly #variances: Float64Array;
  readonly #slots = new Float32Array(SLOTS);
  /** Of each slot's weight what was learned of it beyond the start: inverse variance. */
  readonly #sureness = new Float32Array(SLOTS);

  /** `known`: slots with the weight that they begin with. */
  constructor(
    { means, variances }: DenseStart,
    known: Iterable<readonly [slot: number, weight: number]> = [],
  ) {
    this.#means = Float64Array.from(means);
    this.#variances = Float64Array.from(variances);
    for (const [slot, weight] of known) this.#slots[slot] = weight;
  }

  chance(view: WeighedView): number {
    return this.#weigh(view).chance;
  }

  learn(view: WeighedView, truth: boolean): void {
    const { chance, variance } = this.#weigh(view);
    const spread = Math.max(SPREAD_MIN, chance * (1 - chance));
    const step = ((truth ? 1 : 0) - chance) / (1 + spread * variance);
    for (const [i, x] of view.dense.entries()) {
      const before = this.#variances[i] as number;
      this.#means[i] = (this.#means[i] as number) + before * x * step;
      this.#variances[i] = before / (1 + spread * before * x * x);
    }
    for (const group of view.groups) {
      const gain = gainOf(group);
      for (const slot of group) {
        const variance = this.#slotVariance(slot);
        this.#slots[slot] = (this.#slots[slot] as number) + variance * gain * step;
        this.#sureness[slot] = (this.#sureness[slot] as number) + spread * gain * gain;
      }
    }
  }

  snapshot(): BayesWeightsState {
    return {
      means: this.#means,
      variances: this.#variances,
      slots: this.#slots,
      sureness: this.#sureness,
    };
  }

  /** Throws where the state is broken. */
  restore({ means, variances, slots, sureness }: BayesWeightsState): void {
    mustNumbers(means, Float64Array, this.#means.length);
    mustNumbers(variances, Float64Array, this.#variances.length, 0);
    mustNumbers(slots, Float32Array, SLOTS);
    mustNumbers(sureness, Float32Array, SLOTS, 0);
    this.#means.set(means);
    this.#variances.set(variances);
    this.#slots.set(slots);
    this.#sureness.set(sureness);
  }

  #weigh({ dense, groups }: WeighedView): { readonly chance: number; readonly variance: number } {
    let [mean, variance] = [0, 0];
    for (const [i, x] of dense.entries()) {
      mean += (this.#means[i] as number) * x;
      variance += (this.#variances[i] as number) * x * x;
    }
    for (const group of groups) {
      const gain = gainOf(group);
      for (const slot of group) {
        mean += (this.#slots[slot] as number) * gain;
        variance += this.#slotVariance(slot) * gain * gain;
      }
    }
    const score = mean / Math.sqrt(1 + (Math.PI * variance) / 8);
    return { chance: 1 / (1 + Math.exp(-Math.max(-SCORE_MAX, Math.min(SCORE_MAX, score)))), variance };
  }

  #slotVariance(slot: number): number {
    return 1 / (1 / SLOT_VARIANCE + (this.#sureness[slot] as number));
  }
}

const gainOf = (group: readonly number[]): number => 1 / Math.sqrt(Math.max(1, group.length));
