/**
 * How many answers each caller may have open at once, so that one key takes no place that all others need: calls that
 * wait, streams, downloads.
 */
import type { Writable } from 'node:stream';
import { whenClosed } from './when-closed.ts';

export class CallerShares {
  readonly #max: number;
  readonly #held = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** One of the caller's share until `answer` is over; false where all of it is taken. The local user has no bound. */
  take(caller: string | undefined, answer: Writable): boolean {
    if (caller === undefined) return true;
    const held = this.#held.get(caller) ?? 0;
    if (held >= this.#max) return false;
    this.#held.set(caller, held + 1);
    whenClosed(answer, () => this.#giveBack(caller));
    return true;
  }

  #giveBack(caller: string): void {
    const left = (this.#held.get(caller) ?? 1) - 1;
    if (left > 0) this.#held.set(caller, left);
    else this.#held.delete(caller);
  }
}
