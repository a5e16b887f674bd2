/** Counts the interrupts (Ctrl-C) of one watch. Owns the signal handler while it lives, and takes it back. */
import type { Terminal } from './terminal.ts';

export class Interrupts {
  readonly #take: () => void;
  #abort = new AbortController();
  #next: (() => void) | undefined;

  constructor(terminal: Terminal) {
    this.#take = terminal.onInterrupt(() => {
      this.#abort.abort();
      this.#next?.();
    });
  }

  /** Aborts at the first interrupt since the start or the last `forget`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether another interrupt comes within the time. */
  another(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (came: boolean) => {
        clearTimeout(timer);
        this.#next = undefined;
        resolve(came);
      };
      const timer = setTimeout(() => end(false), withinMs);
      this.#next = () => end(true);
    });
  }

  forget(): void {
    this.#abort = new AbortController();
  }

  stop(): void {
    this.#take();
  }
}
