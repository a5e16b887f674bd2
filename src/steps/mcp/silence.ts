/** How long a server has said nothing: a clock that starts anew at each sign of life, and stands while a person is asked. */

/** `setTimeout` takes no more. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class Silence {
  readonly #ms: number | undefined;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #held = 0;

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
    if (this.#ms === undefined || this.#held > 0) return;
    this.#timer = setTimeout(() => this.#abort.abort(), Math.min(this.#ms, TIMER_MS_MAX));
  }

  /** Does not count while `act` goes on. */
  async during<T>(act: () => Promise<T>): Promise<T> {
    this.#held += 1;
    clearTimeout(this.#timer);
    try {
      return await act();
    } finally {
      this.#held -= 1;
      this.heard();
    }
  }

  end(): void {
    this.#held += 1;
    clearTimeout(this.#timer);
  }
}
