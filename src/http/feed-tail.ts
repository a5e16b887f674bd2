/**
 * One reader of the feed for all event streams of a server: it keeps the newest events ready to be sent, and tells each
 * stream when there is something for it. Reads only while somebody follows.
 * 1. However many follow, what is committed is read and written out once.
 * 2. Who is further behind than what is kept reads pages for himself, so nobody is left out and nothing heaps up.
 */
import { FEED_KEPT_BYTES_MAX, FEED_KEPT_EVENTS_MAX, FEED_PAGE_EVENTS } from '../engine/core/limits.ts';
import { log } from '../engine/host/log.ts';
import type { FeedEntry } from '../store/feed.ts';
import type { Belay } from '../tools/belay.ts';
import { entryType, shownEntry } from './shown-entry.ts';

const LOOK_MS = 1_000;

export interface FeedLine {
  readonly position: number;
  readonly runId: string;
  readonly workflow: string | undefined;
  readonly type: string;
  /** As a Server-Sent Event. */
  readonly text: string;
}

export class FeedTail {
  readonly #leaving: AbortSignal;
  #kept: FeedLine[] = [];
  #keptChars = 0;
  /** Position behind which everything up to `#end` is kept. */
  #from = 0;
  #end = 0;
  #followers = 0;
  #isReading = false;
  readonly #waiters = new Map<string, Set<() => void>>();
  #idle = new AbortController();

  constructor(leaving: AbortSignal) {
    this.#leaving = leaving;
  }

  /** Reads on until the returned function is called. */
  follow(belay: Belay): () => void {
    this.#followers += 1;
    if (!this.#isReading) void this.#read(belay);
    return () => {
      this.#followers -= 1;
      if (this.#followers === 0) this.#idle.abort();
    };
  }

  /** Events of all runs behind `after`; empty where there are none yet. */
  lines({ journal }: Belay, after: number): readonly FeedLine[] {
    if (after < this.#from) return journal.feed.read(after, FEED_PAGE_EVENTS).map(line);
    if (after >= this.#end) return [];
    const first = this.#kept.findIndex(({ position }) => position > after);
    return this.#kept.slice(first, first + FEED_PAGE_EVENTS);
  }

  /** Resolves when the run (of `''`: any run) has moved, after `ms`, or when the signal is given. */
  next(runId: string, ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(runId) ?? new Set();
      this.#waiters.set(runId, waiters);
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        waiters.delete(done);
        if (waiters.size === 0) this.#waiters.delete(runId);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      waiters.add(done);
    });
  }

  async #read(belay: Belay): Promise<void> {
    this.#isReading = true;
    this.#idle = new AbortController();
    const signal = AbortSignal.any([this.#leaving, this.#idle.signal]);
    let isFresh = true;
    while (!signal.aborted) {
      try {
        if (isFresh) this.#begin(belay);
        isFresh = false;
        const page = belay.journal.feed.read(this.#end, FEED_PAGE_EVENTS);
        if (page.length > 0) {
          this.#keep(page);
          // others get their turn between two pages
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
      } catch (err) {
        log.debug({ err }, 'the feed cannot be read now');
      }
      await belay.changes.next(Date.now() + LOOK_MS, signal);
    }
    this.#isReading = false;
    // somebody came while the last one left
    if (this.#followers > 0 && !this.#leaving.aborted) void this.#read(belay);
  }

  #begin({ journal }: Belay): void {
    this.#kept = [];
    this.#keptChars = 0;
    this.#end = journal.feed.end();
    this.#from = this.#end;
  }

  #keep(page: readonly FeedEntry[]): void {
    const moved = new Set(['']);
    for (const entry of page) {
      const each = line(entry);
      this.#kept.push(each);
      this.#keptChars += each.text.length;
      this.#end = each.position;
      moved.add(each.runId);
    }
    let dropped = 0;
    while (this.#isTooMuch(dropped)) {
      const oldest = this.#kept[dropped]!;
      this.#from = oldest.position;
      this.#keptChars -= oldest.text.length;
      dropped += 1;
    }
    this.#kept = this.#kept.slice(dropped);
    for (const runId of moved) for (const tell of [...(this.#waiters.get(runId) ?? [])]) tell();
  }

  #isTooMuch(dropped: number): boolean {
    const count = this.#kept.length - dropped;
    return count > FEED_KEPT_EVENTS_MAX || (count > 0 && this.#keptChars > FEED_KEPT_BYTES_MAX);
  }
}

function line(entry: FeedEntry): FeedLine {
  const { position, runId, workflow } = entry;
  const type = entryType(entry);
  const data = JSON.stringify(shownEntry(entry));
  return { position, runId, workflow, type, text: `id: ${position}\nevent: ${type}\ndata: ${data}\n\n` };
}
