/**
 * A clock that stands while a person is asked: the time they take is not the model's. Wraps the clock of the step; what
 * is bounded by it gets the time back that went by meanwhile.
 */
import type { AgentClock } from './patient-reply.ts';

export class PausingClock implements AgentClock {
  readonly #inner: AgentClock;
  /** All time that it stood, and since when it does. */
  #stoodMs = 0;
  #since: number | undefined;
  #holders = 0;
  #due: (() => void)[] = [];

  constructor(inner: AgentClock) {
    this.#inner = inner;
  }

  now(): number {
    return this.#inner.now() - this.#stood;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#inner.sleep(ms, signal);
  }

  after(ms: number): AbortSignal {
    const abort = new AbortController();
    const arm = (forMs: number): void => {
      const stoodBefore = this.#stood;
      const bound = this.#inner.after(forMs);
      const over = (): void => {
        const leftMs = this.#stood - stoodBefore;
        if (this.#since !== undefined) this.#due.push(over);
        else if (leftMs > 0) arm(leftMs);
        else abort.abort(bound.reason);
      };
      if (bound.aborted) over();
      else bound.addEventListener('abort', over, { once: true });
    };
    arm(ms);
    return abort.signal;
  }

  /** Stands while `act` goes on. */
  async during<T>(act: () => Promise<T>): Promise<T> {
    this.#holders += 1;
    this.#since ??= this.#inner.now();
    try {
      return await act();
    } finally {
      this.#holders -= 1;
      if (this.#holders === 0) this.#goOn();
    }
  }

  #goOn(): void {
    this.#stoodMs = this.#stood;
    this.#since = undefined;
    const due = this.#due;
    this.#due = [];
    for (const each of due) each();
  }

  get #stood(): number {
    return this.#stoodMs + (this.#since === undefined ? 0 : this.#inner.now() - this.#since);
  }
}
