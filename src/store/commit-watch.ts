/**
 * Tells when somebody else has committed. The file system gives the hint, `PRAGMA data_version` (which does not
 * count this connection's own commits) decides, and a slow poll covers for lost hints.
 */
import { type FSWatcher, watch } from 'node:fs';
import type { Database } from './database.ts';

const POLL_MS = 1_000;
/** Hints that come within this time, own commits above all, cost one look. */
const COALESCE_MS = 1;

export class CommitWatch {
  readonly #db: Database;
  readonly #home: string;
  readonly #walName: string;
  readonly #calls = new Set<() => void>();
  #version = 0;
  #hints: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;

  constructor(db: Database, home: string, walName: string) {
    this.#db = db;
    this.#home = home;
    this.#walName = walName;
  }

  /** The returned function takes the call back. Keeps no process alive. */
  add(call: () => void): () => void {
    // A wrapper, so that the same function given twice is two.
    const entry = () => call();
    this.#calls.add(entry);
    if (this.#calls.size === 1) this.#start();
    return () => {
      if (this.#calls.delete(entry) && this.#calls.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#calls.clear();
    this.#hints?.close();
    clearInterval(this.#poll);
    clearTimeout(this.#look);
    this.#look = undefined;
  }

  #start(): void {
    this.#version = this.#db.pragma('data_version');
    this.#poll = setInterval(() => this.#check(), POLL_MS).unref();
    try {
      this.#hints = watch(this.#home, { persistent: false }, (_, name) => this.#hint(name));
      // Without watches (their number is limited) the poll alone does it.
      this.#hints.on('error', () => this.#hints?.close());
    } catch {
      this.#hints = undefined;
    }
  }

  #hint(name: string | null): void {
    if (name !== this.#walName || this.#look !== undefined) return;
    this.#look = setTimeout(() => {
      this.#look = undefined;
      this.#check();
    }, COALESCE_MS).unref();
  }

  #check(): void {
    let version: number;
    try {
      version = this.#db.pragma('data_version');
    } catch {
      // A disk in trouble tells whoever reads or appends; a hint may stay silent.
      return;
    }
    if (version === this.#version) return;
    this.#version = version;
    for (const call of [...this.#calls]) call();
  }
}
