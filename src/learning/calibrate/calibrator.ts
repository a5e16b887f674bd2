/**
 * Turns the mixer's shares into honest chances while the stream runs: mass for labels that no candidate bears
 * is kept aside, by matched order; then the best candidate's chance is moved to what such chances came true at.
 */
const BINS = 20;
const KEEP = 0.998;
const BIN_KEEP = 0.9995;
const BIN_PRIOR = 12;
const ORDERS = 5;
/** As many of the neighbours' as these, at most, speak for a bin. */
const NEIGHBOURS_MAX = 60;
const CHANCE_MIN = 0.001;
const CHANCE_MAX = 0.999;

export interface CalibratorState {
  readonly outside: readonly (readonly [number, number])[];
  readonly bins: readonly (readonly [number, number, number])[];
}

export class Calibrator {
  /** For each matched order: how often the truth was no candidate, of how many. */
  #outside: [number, number][] = Array.from({ length: ORDERS }, () => [1, 5]);
  /** For each bin of the best candidate's chance: how many, how many came true, the chances' sum. */
  #bins: [number, number, number][] = Array.from({ length: BINS }, () => [0, 0, 0]);

  /** The chance of the candidate at `rank` (0 is the best) with that share. */
  confidence(share: number, rank: number, order: number): number {
    const chance = share * this.#inside(order);
    return rank === 0 ? this.#moved(chance) : chance;
  }

  learn(share: number, order: number, known: boolean, right: boolean): void {
    const chance = share * this.#inside(order);
    const bin = this.#bins[binOf(chance)] as [number, number, number];
    bin[0] = bin[0] * BIN_KEEP + 1;
    bin[1] = bin[1] * BIN_KEEP + (right ? 1 : 0);
    bin[2] = bin[2] * BIN_KEEP + chance;
    const outside = this.#outside[order] as [number, number];
    outside[0] = outside[0] * KEEP + (known ? 0 : 1);
    outside[1] = outside[1] * KEEP + 1;
  }

  snapshot(): CalibratorState {
    return { outside: this.#outside.map(([a, b]) => [a, b]), bins: this.#bins.map(([a, b, c]) => [a, b, c]) };
  }

  restore({ outside, bins }: CalibratorState): void {
    this.#outside = outside.map(([a, b]) => [a, b]);
    this.#bins = bins.map(([a, b, c]) => [a, b, c]);
  }

  #inside(order: number): number {
    const [missed, all] = this.#outside[order] as [number, number];
    return 1 - missed / all;
  }

  /** Moved by the bin's own error; while the bin is rare, its neighbours' errors count too. */
  #moved(chance: number): number {
    const at = binOf(chance);
    const [count, right, sum] = this.#bins[at] as [number, number, number];
    let [around, error] = [0, 0];
    for (const near of [at - 1, at + 1]) {
      const bin = this.#bins[near];
      if (!bin) continue;
      around += bin[0] / 2;
      error += (bin[1] - bin[2]) / 2;
    }
    const trust = Math.min(1, NEIGHBOURS_MAX / Math.max(1, around));
    const shift = (right - sum + trust * error) / (count + trust * around + BIN_PRIOR);
    return Math.min(CHANCE_MAX, Math.max(CHANCE_MIN, chance + shift));
  }
}

const binOf = (chance: number): number => Math.min(BINS - 1, Math.floor(chance * BINS));
