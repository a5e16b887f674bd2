/**
 * Failures: the world said no. A failure is a value in the journal, never a thrown error.
 * Owns the shape and the retry class; the words come from `messages.ts` of whoever met the failure.
 */
import type { Json } from './model.ts';

export interface Failure {
  /** Stable machine word: `exit`, `timeout`, `killed`, `cancelled`, `output_limit`, `expression`, … */
  readonly code: string;
  /** `again`: another attempt may succeed. `final`: it cannot. */
  readonly retry: 'again' | 'final';
  /** What happened, in the catalogue's manner: lower case, no full stop. */
  readonly message: string;
  /** The next thing to do. */
  readonly hint?: string;
  readonly data?: { readonly [key: string]: Json };
}

export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error });

/** A bug: an invariant broke. Caught once, where the host drives a run; the run becomes `stuck`. */
export class Bug extends Error {
  override readonly name = 'Bug';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}
