/**
 * Tells who follows that the list of workflows has changed on disk: prompts, resources and skills are made of it. It looks
 * only while somebody follows, and only after somebody has seen the lists, so that an idle client costs nothing.
 */
import { createHash } from 'node:crypto';
import { log } from '../engine/host/log.ts';
import type { OpenBelay } from '../tools/belay.ts';

const LOOK_MS = 1_000;

export class LibraryWatch {
  readonly #open: OpenBelay;
  readonly #leaving: AbortSignal;
  readonly #lookMs: number;
  readonly #calls = new Set<() => void>();
  /** Somebody has seen the lists, with or without following them. */
  #shown = false;
  #seen: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(open: OpenBelay, leaving: AbortSignal, lookMs = LOOK_MS) {
    this.#open = open;
    this.#leaving = leaving;
    this.#lookMs = lookMs;
  }

  /** Calls back after changes, until the answer is called. */
  follow(call: () => void): () => void {
    // its own, so that one function may follow twice
    const own = () => call();
    this.#calls.add(own);
    if (this.#shown) this.note().catch((err) => log.warn({ err }, 'the workflows cannot be followed'));
    this.#watch();
    return () => {
      this.#calls.delete(own);
      if (this.#calls.size === 0) this.#rest();
    };
  }

  /** A client is about to see the lists as they are: from now on changes are news. */
  async note(): Promise<void> {
    this.#shown = true;
    if (this.#calls.size === 0 || this.#seen !== undefined) return;
    this.#seen = await this.#digest();
    this.#watch();
  }

  #watch(): void {
    if (this.#timer !== undefined || this.#seen === undefined || this.#calls.size === 0) return;
    this.#timer = setInterval(() => void this.#look(), this.#lookMs);
    this.#timer.unref();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#seen = undefined;
  }

  async #look(): Promise<void> {
    if (this.#leaving.aborted) return this.#rest();
    try {
      const now = await this.#digest();
      if (this.#seen === undefined || now === undefined || now === this.#seen) return;
      this.#seen = now;
      for (const call of this.#calls) call();
    } catch (err) {
      log.warn({ err }, 'the workflows are no longer followed');
      this.#rest();
    }
  }

  async #digest(): Promise<string | undefined> {
    const opened = await this.#open();
    if (!opened.ok) return undefined;
    return createHash('sha256').update(JSON.stringify(opened.value.library.list())).digest('hex');
  }
}
