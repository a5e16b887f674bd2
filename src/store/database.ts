/**
 * One SQLite connection: its settings, its prepared statements, its write transaction.
 * 1. Every write happens in `write`, which is durable when it returns and leaves nothing behind when it throws.
 * 2. Each statement is prepared once, when first asked for.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { isBusy, problemOf, StorageError } from './problem.ts';

/** Commits of a process that is going to make many more. */
const COMMITS_BEFORE_ROOM = 16;
/** What the log grows to before SQLite begins it anew: 1,000 pages and their headers. */
const ROOM_BYTES = 4_100_000;

/** Wait for other processes' transactions, which take milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;
const BUSY_PAUSE_MS = 5;

export class Database {
  readonly #home: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #commits = 0;

  /** Throws what SQLite throws; `problemOf` reads it. A file that cannot be read fails here, not later. */
  constructor(home: string, path: string | URL, readOnly: boolean) {
    this.#home = home;
    this.#db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
    try {
      this.#db.exec('PRAGMA synchronous = FULL');
      if (!readOnly) this.#useWal();
      this.pragma('user_version');
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** SQLite does not wait when two connections switch a fresh file to WAL at once, so this does. */
  #useWal(): void {
    for (let waitedMs = 0; ; waitedMs += BUSY_PAUSE_MS) {
      try {
        this.#db.exec('PRAGMA journal_mode = WAL');
        return;
      } catch (error) {
        if (!isBusy(error) || waitedMs >= BUSY_TIMEOUT_MS) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
      }
    }
  }

  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** The one column of the one row of a PRAGMA. */
  pragma(name: 'user_version' | 'data_version'): number {
    return this.statement(`PRAGMA ${name}`).get()?.[name] as number;
  }

  /** One durable transaction. Throws `StorageError` with nothing written, or the bug that `act` met. */
  write<T>(act: () => T): T {
    return this.guard(() => {
      this.statement('BEGIN IMMEDIATE').run();
      try {
        const value = act();
        this.statement('COMMIT').run();
        this.#commits += 1;
        if (this.#commits === COMMITS_BEFORE_ROOM) this.#makeRoom();
        return value;
      } catch (error) {
        // Some errors have already rolled back by themselves.
        if (this.#db.isTransaction) this.statement('ROLLBACK').run();
        throw error;
      }
    });
  }

  /**
   * Gives the write-ahead log its full length at once, by a large transaction that is taken back. A commit into a log
   * that grows makes the file system commit too, with whatever else it has to write: step files, mostly. Where there
   * is no room for it, commits are only slower.
   */
  #makeRoom(): void {
    try {
      this.#db.exec(`PRAGMA cache_size = -64; BEGIN IMMEDIATE; CREATE TABLE room (bytes);
        INSERT INTO room VALUES (zeroblob(${ROOM_BYTES}));`);
    } catch {
      // a full disk, or somebody else is writing
    }
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    this.#db.exec('PRAGMA cache_size = -2000');
  }

  /** Turns what the world refused into `StorageError`; bugs pass. */
  guard<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      const problem = problemOf(error, this.#home);
      throw problem === undefined ? error : new StorageError(problem);
    }
  }

  /** May be called again. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }
}
