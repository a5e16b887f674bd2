/**
 * What storage says when the world refuses: full disk, no permission, damage, I/O.
 * The one catalogue of the store's messages; owns how SQLite's and the file system's codes are read.
 */
import { statfsSync } from 'node:fs';

export interface StoreProblem {
  readonly code: 'not_writable' | 'newer_version' | 'disk_full' | 'corrupt' | 'io';
  readonly message: string;
  readonly hint: string;
}

/** Thrown by store methods whose answer has no place for a storage failure. Nothing was written. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly problem: StoreProblem;

  constructor(problem: StoreProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** SQLite's primary result codes, https://sqlite.org/rescode.html */
const SQLITE = { BUSY: 5, READONLY: 8, IOERR: 10, CORRUPT: 11, FULL: 13, CANTOPEN: 14, NOTADB: 26 } as const;

/** Below this SQLite cannot make the index file that it needs to open a database. */
const FREE_BYTES_MIN = 64 * 1024;

/** SQLite's primary result code; undefined for anything that SQLite did not throw. */
function sqliteCode(error: unknown): number | undefined {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return code === 'ERR_SQLITE_ERROR' && errcode !== undefined ? errcode & 0xff : undefined;
}

export const isBusy = (error: unknown): boolean => sqliteCode(error) === SQLITE.BUSY;

export const newerVersion = (home: string, found: number, known: number): StoreProblem => ({
  code: 'newer_version',
  message: `data folder \`${home}\` has format ${found}, this program knows up to ${known}`,
  hint: 'upgrade belay, or choose another folder with --home',
});

export const noDatabase = (home: string): StoreProblem => ({
  code: 'io',
  message: `data folder \`${home}\` holds no database`,
  hint: 'check --home and BELAY_HOME; the first run makes the database',
});

const diskFull = (home: string): StoreProblem => ({
  code: 'disk_full',
  message: `the disk that holds data folder \`${home}\` is full`,
  hint: 'free some space, then try again; belay gc removes what old runs left',
});

const notWritable = (home: string, why: string): StoreProblem => ({
  code: 'not_writable',
  message: `data folder \`${home}\` is not writable: ${why}`,
  hint: 'choose another folder with --home or BELAY_HOME, or allow writing to this one',
});

export const badKey = (path: string, bytes: number, expected: number): StoreProblem => ({
  code: 'corrupt',
  message: `key \`${path}\` is damaged: found ${bytes} bytes, expected ${expected}`,
  hint: 'remove the file: a new key is made, and runs that ask for variables by name have to be resumed once',
});

const corrupt = (home: string, why: string): StoreProblem => ({
  code: 'corrupt',
  message: `database in data folder \`${home}\` is damaged: ${why}`,
  hint: 'copy the folder before anything else, then see what is affected with belay doctor',
});

const io = (home: string, why: string): StoreProblem => ({
  code: 'io',
  message: `data folder \`${home}\` cannot be used: ${why}`,
  hint: 'check the disk, then try again; belay doctor tells more',
});

/** The problem behind an error of SQLite or the file system; undefined when the error is a bug of ours. */
export function problemOf(error: unknown, home: string): StoreProblem | undefined {
  if (error instanceof StorageError) return error.problem;
  if (!(error instanceof Error)) return undefined;
  const sqlite = sqliteCode(error);
  return sqlite === undefined ? fileProblem(error, home) : sqliteProblem(sqlite, error.message, home);
}

function sqliteProblem(code: number, why: string, home: string): StoreProblem | undefined {
  switch (code) {
    case SQLITE.FULL:
      return diskFull(home);
    case SQLITE.READONLY:
      return notWritable(home, why);
    case SQLITE.CORRUPT:
    case SQLITE.NOTADB:
      return corrupt(home, why);
    case SQLITE.BUSY:
      return io(home, 'another process keeps it locked');
    case SQLITE.IOERR:
    case SQLITE.CANTOPEN:
      // SQLite reports a full disk as an I/O error when it is the index file that finds no room.
      return hasRoom(home) ? io(home, why) : diskFull(home);
    default:
      return undefined;
  }
}

function fileProblem(error: Error, home: string): StoreProblem | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(home);
  const refused = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ENAMETOOLONG', 'ELOOP'];
  return refused.includes(code) ? notWritable(home, code) : io(home, error.message);
}

function hasRoom(home: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(home);
    return bavail * bsize >= FREE_BYTES_MIN;
  } catch {
    return true;
  }
}
