/** Counts answers that are still being given, so that a server which ends knows when nobody waits for it any more. */
import type { Writable } from 'node:stream';
import { whenClosed } from './when-closed.ts';

export class CallsUnderWay {
  #count = 0;
  #waiters: (() => void)[] = [];

  /** Counts the answer until it has been sent or its client has left. */
  follow(answer: Writable): void {
    this.#count += 1;
    whenClosed(answer, () => {
      this.#count -= 1;
      if (this.#count === 0) for (const tell of this.#waiters.splice(0)) tell();
    });
  }

  /** Resolves when there are none. */
  none(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}
