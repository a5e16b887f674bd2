/**
 * How long a server says nothing while something is asked of it: a clock that starts anew at each sign of life, and
 * stands while a person is asked.
 */

/** `setTimeout` takes no more. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class Silence {
  readonly #ms: number | undefined;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #watchers = 0;
  #holders = 0;

  /** @param ms without it nothing is too long */
  constructor(ms: number | undefined) {
    this.#ms = ms;
  }

  /** Aborted when it was silent for too long. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    if (this.#ms === undefined || this.#watchers === 0 || this.#holders > 0) return;
    this.#timer = setTimeout(() => this.#abort.abort(), Math.min(this.#ms, TIMER_MS_MAX));
  }

  /** Counts while `act` goes on. */
  async watched<T>(act: () => Promise<T>): Promise<T> {
    this.#watchers += 1;
    this.heard();
    try {
      return await act();
    } finally {
      this.#watchers -= 1;
      this.heard();
    }
  }

  /** Does not count while `act` goes on. */
  async during<T>(act: () => Promise<T>): Promise<T> {
    this.#holders += 1;
    this.heard();
    try {
      return await act();
    } finally {
      this.#holders -= 1;
      this.heard();
    }
  }
}
