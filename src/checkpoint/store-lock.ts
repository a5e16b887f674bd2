/**
 * The lock of a store across processes: many may take, look and restore at once, one collects alone.
 * It is SQLite's own file lock on an empty database, because that dies with its process and works on every platform.
 * 1. Nothing else may open the lock's file in this process: closing it would drop the lock (POSIX).
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SHARED_WAIT_MS = 60_000;
const ALONE_WAIT_MS = 5_000;
/** SQLite's primary result code for a lock that somebody else holds. */
const SQLITE_BUSY = 5;

export class StoreBusy extends Error {
  readonly waitedMs: number;

  constructor(waitedMs: number) {
    super('the lock of the store is taken');
    this.waitedMs = waitedMs;
  }
}

/** Releases what was locked; a second call does nothing. */
export type Release = () => void;

/** Others may share it, nobody has it alone. Blocks the thread while it waits, and throws `StoreBusy` in the end. */
export const lockShared = (folder: string, waitMs = SHARED_WAIT_MS): Release =>
  locked(folder, waitMs, ['BEGIN', 'SELECT count(*) FROM sqlite_schema']);

/** Nobody else has it in any way. Blocks the thread while it waits, and throws `StoreBusy` in the end. */
export const lockAlone = (folder: string, waitMs = ALONE_WAIT_MS): Release =>
  locked(folder, waitMs, ['BEGIN EXCLUSIVE']);

function locked(folder: string, waitMs: number, statements: readonly string[]): Release {
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: waitMs });
  try {
    for (const statement of statements) database.exec(statement);
  } catch (error) {
    database.close();
    throw isBusy(error) ? new StoreBusy(waitMs) : error;
  }
  return () => {
    if (database.isOpen) database.close();
  };
}

function isBusy(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: string; readonly errcode?: number };
  return code === 'ERR_SQLITE_ERROR' && ((errcode ?? 0) & 0xff) === SQLITE_BUSY;
}
