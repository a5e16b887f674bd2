/**
 * A database of the data folder as a file: made for its owner only, and brought to the newest form. The journal and what
 * lies beside it do it the same way.
 */
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from './database.ts';
import { newerVersion, problemOf, StorageError } from './problem.ts';

/** SQLite gives its side files the mode of the database, so only its owner can read any of them. */
export function makeDatabaseFile(home: string, path: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

/** Takes the steps that the database lacks; one of a newer version is refused. */
export function migrate(db: Database, home: string, migrations: readonly string[], readOnly = false): void {
  const found = db.pragma('user_version');
  if (found > migrations.length) throw new StorageError(newerVersion(home, found, migrations.length));
  if (found === migrations.length || readOnly) return;
  db.write(() => {
    // Another process may have migrated since.
    for (const sql of migrations.slice(db.pragma('user_version'))) db.exec(sql);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

/** A database beside the journal, which may be lost: what it holds can be made again, or done without. */
export interface SideDatabase {
  readonly name: string;
  readonly migrations: readonly string[];
  /** Of the connection, beside those of every database. */
  readonly pragmas: string;
  /** Told of the new one that takes the place of one that is damaged. */
  readonly begunAnew?: (db: Database) => void;
}

/** @throws StorageError */
export function openSideDatabase(home: string, side: SideDatabase): Database {
  const path = join(home, side.name);
  try {
    return opened(home, path, side);
  } catch (error) {
    const problem = problemOf(error, home);
    if (problem?.code !== 'corrupt') throw problem ? new StorageError(problem) : error;
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
    const db = opened(home, path, side);
    side.begunAnew?.(db);
    return db;
  }
}

function opened(home: string, path: string, { migrations, pragmas }: SideDatabase): Database {
  makeDatabaseFile(home, path);
  const db = new Database(home, path, false);
  try {
    db.exec(pragmas);
    migrate(db, home, migrations);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
