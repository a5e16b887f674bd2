/**
 * Checks on a state that is read back: it may be damaged or of somebody else. What breaks a rule throws `BrokenState`;
 * the model's own `restore` turns it into a value, so that nobody uses half of a state.
 */
import { err, ok, type Result } from '../engine/core/failure.ts';

class BrokenState extends Error {}

/** What `read` makes of a state, or what is wrong with that: a rule of ours, or not even of its form. */
export function wholeState<T>(read: () => T): Result<T, string> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof BrokenState) return err(`expected ${error.message}`);
    if (error instanceof TypeError || error instanceof RangeError)
      return err('expected a state of this form');
    throw error;
  }
}

/** Says what is not so. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new BrokenState(what);
}

/** A whole number from 0 to `max`. */
export function mustCount(value: unknown, max: number, what: string): void {
  must(Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max, what);
}

/** A typed array of that kind and length, each of its numbers finite and at least `min`. */
export function mustNumbers<T extends Float32Array | Float64Array>(
  array: unknown,
  kind: abstract new (...args: never) => T,
  length: number,
  min = Number.NEGATIVE_INFINITY,
): asserts array is T {
  must(array instanceof kind && array.length === length, 'an array of numbers');
  for (let i = 0; i < length; i += 1) {
    const value = array[i] as number;
    if (!(value >= min && value < Number.POSITIVE_INFINITY && value > Number.NEGATIVE_INFINITY))
      throw new BrokenState('numbers within their bounds');
  }
}

/** A typed array of whole numbers of that kind and length. */
export function mustArray<T extends { readonly length: number }>(
  array: unknown,
  kind: abstract new (...args: never) => T,
  length: number,
): asserts array is T {
  must(array instanceof kind && array.length === length, 'an array of whole numbers');
}

/** A list of that length, each of its values as `fits` says. */
export function mustList<T>(
  list: unknown,
  lengthMax: number,
  fits: (value: unknown) => value is T,
): asserts list is readonly T[] {
  must(Array.isArray(list) && list.length <= lengthMax && list.every(fits), 'a list');
}

export const isText = (value: unknown): value is string => typeof value === 'string';
