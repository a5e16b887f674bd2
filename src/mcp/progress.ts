/**
 * Progress notifications of one call: `progress` always rises, as MCP demands, and a client is told at most
 * ten times a second. What is held back is replaced by what comes after it; the last one is always sent.
 */

const INTERVAL_MS = 100;

export interface ProgressUpdate {
  readonly progress: number;
  readonly total: number;
  readonly message: string;
}

export class ProgressReporter {
  readonly #send: (update: ProgressUpdate) => void;
  #held: { readonly done: number; readonly total: number; readonly message: string } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #done = -1;
  /** Updates sent since `done` last rose. */
  #repeats = 0;

  constructor(send: (update: ProgressUpdate) => void) {
    this.#send = send;
  }

  report(done: number, total: number, message: string): void {
    this.#held = { done, total, message };
    if (this.#timer === undefined) this.#next();
  }

  /** Sends what is held back and stops; to be called before the answer. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flush();
  }

  #next(): void {
    this.#timer = this.#flush() ? setTimeout(() => this.#next(), INTERVAL_MS) : undefined;
  }

  #flush(): boolean {
    const held = this.#held;
    if (held === undefined) return false;
    this.#held = undefined;
    this.#repeats = held.done > this.#done ? 0 : this.#repeats + 1;
    this.#done = Math.max(this.#done, held.done);
    // Several lines may belong to one count of tasks: 2, 2.5, 2.66 … never reaches 3.
    const progress = this.#done + this.#repeats / (this.#repeats + 1);
    this.#send({ progress, total: Math.max(held.total, Math.ceil(progress)), message: held.message });
    return true;
  }
}
