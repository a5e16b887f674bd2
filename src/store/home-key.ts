/**
 * The key of a data folder, `HOME/home.key`: whatever any process on the folder has signed or digested with it, any
 * other can verify. It never leaves the folder; each use has a key of its own that is derived from it.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { badKey, problemOf, StorageError } from './problem.ts';

const KEY_BYTES = 32;

/** What the key is used for. */
type Purpose = 'request state' | 'secret digests' | 'cache keys' | 'webhook secrets' | 'question codes';

/**
 * Makes the file (mode 0600) where there is none; several processes may do so at once and all get the same key.
 * Throws a `StorageError` when the folder cannot be written or the file is not a key.
 */
export function homeKey(home: string, purpose: Purpose): Uint8Array {
  const path = join(home, 'home.key');
  try {
    const key = readKey(path) ?? createKey(path);
    if (key.length !== KEY_BYTES) throw new StorageError(badKey(path, key.length, KEY_BYTES));
    return createHmac('sha256', key).update(purpose).digest();
  } catch (error) {
    const problem = problemOf(error, home);
    throw problem ? new StorageError(problem) : error;
  }
}

function readKey(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes aside and links into place: nobody ever reads half a key, and the first of several writers wins. */
function createKey(path: string): Uint8Array {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  const file = openSync(aside, 'wx', 0o600);
  try {
    writeSync(file, randomBytes(KEY_BYTES));
    fsyncSync(file);
    linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(file);
    rmSync(aside, { force: true });
  }
  return readFileSync(path);
}
