/** One durable append for all runs that are ready, without letting one of them spoil it for the others. */
import type { Append, Journal } from '../core/ports.ts';
import { isStorageError } from './storage-error.ts';

type Answer = ReturnType<Journal['append']>[number];

/**
 * The answer to each append, in order, as a function: it throws where the journal cannot take what that run has made
 * (a bug). Then each run is appended by itself. Trouble with storage is thrown at once.
 */
export function appendTogether(
  journal: Journal,
  appends: readonly Append[],
): readonly (() => Answer | undefined)[] {
  try {
    return journal.append(appends).map((answer) => () => answer);
  } catch (error) {
    if (isStorageError(error)) throw error;
    return appends.map((append) => () => journal.append([append])[0]);
  }
}
