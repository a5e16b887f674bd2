/**
 * Where the bytes of artifacts lie below the data folder: `objects/ab/cdef…` by their sha256, `given/<sha256>/<name>` for
 * runs that have one as an input, `tmp/` for what is not whole yet. Owns names, and the lock that adding and removing share.
 * 1. Nothing is awaited while the lock is held: one process may then add and remove as it likes.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lockAlone, lockShared } from '../../checkpoint/store-lock.ts';

/** What was added within this time stays: the event that refers to it may not be written yet. */
export const GRACE_MS = 3_600_000;

export const artifactFolder = (home: string): string => join(home, 'artifacts');

export const objectPath = (folder: string, sha256: string): string =>
  join(folder, 'objects', sha256.slice(0, 2), sha256.slice(2));

/** Makes what is not there yet; a path for something that is not whole. */
export function newTemp(folder: string): string {
  mkdirSync(join(folder, 'tmp'), { recursive: true, mode: 0o700 });
  return join(folder, 'tmp', `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}`);
}

/** Adds something under its name, while nobody removes. */
export function adding<T>(folder: string, path: string, act: () => T): T {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return holding(lockShared(folder), act);
}

/** Removes something, while nobody adds. */
export const removing = <T>(folder: string, act: () => T): T => holding(lockAlone(folder), act);

function holding<T>(release: () => void, act: () => T): T {
  try {
    return act();
  } finally {
    release();
  }
}
