/**
 * Turns the mixer's shares into honest chances while the stream runs: mass for labels that no candidate bears
 * is kept aside, by matched order; then the best candidate's chance is moved to what such chances came true at.
 */
import { must, mustNumbers } from '../state-check.ts';

const BINS = 20;
const KEEP = 0.998;
const BIN_KEEP = 0.9995;
const BIN_PRIOR = 12;
const ORDERS = 5;
/** What is missed at all counts for each order like that many commands of its own. */
const OVERALL_WEIGHT = 1;
/** As many of the neighbours' as these, at most, speak for a bin. */
const NEIGHBOURS_MAX = 60;
const CHANCE_MIN = 0.001;
const CHANCE_MAX = 0.999;

export interface CalibratorState {
  /** For each matched order, then overall: missed, all. */
  readonly outside: Float64Array;
  /** For each bin: how many, how many came true, the chances' sum. */
  readonly bins: Float64Array;
}

export class Calibrator {
  /** For each matched order, then overall: how often the truth was no candidate, of how many. */
  #outside = new Float64Array(2 * (ORDERS + 1));
  /** For each bin of the best candidate's chance: how many, how many came true, the chances' sum. */
  #bins = new Float64Array(3 * BINS);

  /** `start`: before anything is known, so often is the truth no candidate, of so many. */
  constructor([missed, all]: readonly [missed: number, all: number] = [1, 5]) {
    this.#outside.set([missed, all], 2 * ORDERS);
  }

  /** The chance of the candidate at `rank` (0 is the best) with that share. */
  confidence(share: number, rank: number, order: number): number {
    const chance = share * this.#inside(order);
    return rank === 0 ? this.#moved(chance) : chance;
  }

  learn(share: number, order: number, known: boolean, right: boolean): void {
    const chance = share * this.#inside(order);
    count(this.#bins, 3 * binOf(chance), BIN_KEEP, [1, right ? 1 : 0, chance]);
    for (const at of [order, ORDERS]) count(this.#outside, 2 * at, KEEP, [known ? 0 : 1, 1]);
  }

  snapshot(): CalibratorState {
    return { outside: this.#outside.slice(), bins: this.#bins.slice() };
  }

  restore({ outside, bins }: CalibratorState): void {
    mustNumbers(outside, Float64Array, this.#outside.length, 0);
    mustNumbers(bins, Float64Array, this.#bins.length, 0);
    must((outside[2 * ORDERS + 1] as number) > 0, 'a start of what is missed');
    must(areParts(outside, 2) && areParts(bins, 3), 'parts no larger than their wholes');
    this.#outside = outside.slice();
    this.#bins = bins.slice();
  }

  #inside(order: number): number {
    const at = (place: number): number => this.#outside[place] as number;
    const overall = at(2 * ORDERS) / at(2 * ORDERS + 1);
    return 1 - (at(2 * order) + OVERALL_WEIGHT * overall) / (at(2 * order + 1) + OVERALL_WEIGHT);
  }

  /** Moved by the bin's own error; while the bin is rare, its neighbours' errors count too. */
  #moved(chance: number): number {
    const at = binOf(chance);
    const [count, right, sum] = this.#bin(at);
    let [around, error] = [0, 0];
    for (const near of [at - 1, at + 1]) {
      if (near < 0 || near >= BINS) continue;
      const [all, came, stated] = this.#bin(near);
      around += all / 2;
      error += (came - stated) / 2;
    }
    const trust = Math.min(1, NEIGHBOURS_MAX / Math.max(1, around));
    const shift = (right - sum + trust * error) / (count + trust * around + BIN_PRIOR);
    return Math.min(CHANCE_MAX, Math.max(CHANCE_MIN, chance + shift));
  }

  #bin(at: number): readonly [count: number, right: number, sum: number] {
    const [count = 0, right = 0, sum = 0] = this.#bins.subarray(3 * at, 3 * at + 3);
    return [count, right, sum];
  }
}

function count(into: Float64Array, at: number, keep: number, more: readonly number[]): void {
  for (const [i, each] of more.entries()) into[at + i] = (into[at + i] as number) * keep + each;
}

/** Of what was missed the whole stands behind it; of each bin before what came true and what was stated. */
function areParts(numbers: Float64Array, width: 2 | 3): boolean {
  const whole = width === 2 ? 1 : 0;
  return numbers.every((part, at) => part <= (numbers[at - (at % width) + whole] as number));
}

const binOf = (chance: number): number => Math.min(BINS - 1, Math.floor(chance * BINS));
