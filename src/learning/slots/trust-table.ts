/**
 * How often something came true lately. What is read under several keys goes from the broadest to the narrowest: what is
 * known under one key is the start for the next.
 */
import { FlatTable, type FlatTableState } from '../rank/flat-table.ts';

const KEEP = 0.995;
const START_WEIGHT = 3;
const BITS = 17;

export type TrustTableState = FlatTableState;

export class TrustTable {
  /** How often it came true, and how often it was asked. */
  readonly #table = new FlatTable(BITS);

  /** The chance under the last key; `start` where nothing is known. */
  chance(keys: readonly number[], start: number): number {
    const { numbers } = this.#table;
    let chance = start;
    for (let i = 0; i < keys.length; i += 1) {
      const at = this.#table.at(keys[i] as number);
      const [cameTrue, asked] = [numbers[at] as number, numbers[at + 1] as number];
      chance = (cameTrue + START_WEIGHT * chance) / (asked + START_WEIGHT);
    }
    return chance;
  }

  learn(keys: readonly number[], isTrue: boolean): void {
    const { numbers } = this.#table;
    for (let i = 0; i < keys.length; i += 1) {
      const at = this.#table.at(keys[i] as number);
      numbers[at] = (numbers[at] as number) * KEEP + (isTrue ? 1 : 0);
      numbers[at + 1] = (numbers[at + 1] as number) * KEEP + 1;
    }
  }

  snapshot(): TrustTableState {
    return this.#table.snapshot();
  }

  restore(state: TrustTableState): void {
    this.#table.restore(state, 0);
  }
}
