/**
 * Two numbers for each key, in one flat array that never grows: a key has the place that its hash gives it, and may
 * share it with others, which costs a little accuracy.
 */
import { must, mustArray, mustNumbers } from '../state-check.ts';

/** Of the table only the places whose second number is not 0; at first that is nothing. */
export interface FlatTableState {
  readonly places: Uint32Array;
  /** Two for each place. */
  readonly numbers: Float32Array;
}

export class FlatTable {
  readonly #shift: number;
  #numbers: Float32Array | undefined;

  constructor(bits: number) {
    this.#shift = 32 - bits;
  }

  /** The two numbers of a key are at `at(key)` and behind it. */
  get numbers(): Float32Array {
    this.#numbers ??= new Float32Array(this.length);
    return this.#numbers;
  }

  /** Of the numbers. */
  get length(): number {
    return 2 * 2 ** (32 - this.#shift);
  }

  at(key: number): number {
    return 2 * (Math.imul(key, 0x9e3779b1) >>> this.#shift);
  }

  snapshot(): FlatTableState {
    const { numbers } = this;
    let used = 0;
    for (let at = 1; at < numbers.length; at += 2) if (numbers[at] !== 0) used += 1;
    const state = { places: new Uint32Array(used), numbers: new Float32Array(2 * used) };
    for (let at = 0, to = 0; to < used; at += 2) {
      if (numbers[at + 1] === 0) continue;
      state.places[to] = at / 2;
      state.numbers[2 * to] = numbers[at] as number;
      state.numbers[2 * to + 1] = numbers[at + 1] as number;
      to += 1;
    }
    return state;
  }

  /** The numbers of a table as large as this one become this one's; nobody else may change them. */
  take(numbers: Float32Array): void {
    this.#numbers = numbers;
  }

  /** It must be new. `min`: what no number is below. */
  restore({ places, numbers }: FlatTableState, min?: number): void {
    const into = this.numbers;
    mustArray(places, Uint32Array, places.length);
    mustNumbers(numbers, Float32Array, 2 * places.length, min);
    for (let i = 0; i < places.length; i += 1) {
      const at = 2 * (places[i] as number);
      must(at < into.length && (numbers[2 * i + 1] as number) > 0, 'a place of the table');
      into[at] = numbers[2 * i] as number;
      into[at + 1] = numbers[2 * i + 1] as number;
    }
  }
}
