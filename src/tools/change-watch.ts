/**
 * Waiting for a run to move, whoever moves it: this process's host tells at once, other processes are seen through
 * the journal's watch. A wake-up is a hint; the waiter looks at the journal itself.
 */
import type { Journal } from '../engine/core/ports.ts';
import type { Host } from '../engine/host/host.ts';

/** Longest sleep between two looks, in case a hint was lost. */
const LOOK_MS = 1_000;

export class ChangeWatch {
  readonly #waiters = new Set<() => void>();
  readonly #stops: (() => void)[];

  constructor(journal: Journal) {
    this.#stops = [journal.watch(() => this.#wake())];
  }

  /** Commits of this process's own host are no news to the journal's watch. */
  follow(host: Host): void {
    this.#stops.push(host.onCommit(() => this.#wake()));
  }

  /** Resolves at the next hint, when `signal` aborts, or at `untilMs` (epoch) at the latest. */
  next(untilMs: number, signal: AbortSignal): Promise<void> {
    const ms = Math.min(LOOK_MS, untilMs - Date.now());
    if (ms <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiters.add(done);
      signal.addEventListener('abort', done);
    });
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#wake();
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}
