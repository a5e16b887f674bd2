/**
 * Content-addressed files beside the database: `blobs/ab/cdef…`, named by the sha256 of their bytes.
 * A blob appears whole or not at all, and is on the disk when `putBlob` returns.
 */
import { hash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { problemOf, StorageError } from './problem.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** Returns the sha256 in hex. Throws `StorageError`. */
export function putBlob(home: string, bytes: Uint8Array): string {
  const sha256 = hash('sha256', bytes);
  const path = blobPath(home, sha256);
  if (statSync(path, { throwIfNoEntry: false })?.size === bytes.length) return sha256;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeWhole(path, bytes);
    return sha256;
  } catch (error) {
    const problem = problemOf(error, home);
    throw problem === undefined ? error : new StorageError(problem);
  }
}

/** Undefined when the blob is missing or its bytes are not what its name promises. */
export function getBlob(home: string, sha256: string): Uint8Array | undefined {
  if (!SHA256.test(sha256)) return undefined;
  try {
    const bytes = readFileSync(blobPath(home, sha256));
    return hash('sha256', bytes) === sha256 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

const blobPath = (home: string, sha256: string): string =>
  join(home, 'blobs', sha256.slice(0, 2), sha256.slice(2));

/** Under another name first, so that a crash leaves no half blob under the right one. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const scratch = `${path}.${randomUUID()}`;
  try {
    writeDurably(scratch, bytes);
    renameSync(scratch, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(scratch, { force: true });
    throw error;
  }
}

function writeDurably(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
