/**
 * Where things lie in the folder of the store, and how a file gets there: written under `tmp/`, on the disk before its
 * name, and whole or not at all. Owns names and durability, not formats.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writevSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FOLDERS = ['packs', 'large', 'snapshots', 'lists', 'index', 'tmp'] as const;
export type StoreFolder = (typeof FOLDERS)[number];

/** Makes the folders of a store that are not there yet. */
export function makeStoreFolders(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
}

/** A name that no other process chooses: sorts by time, roughly. */
export const newName = (): string => `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}`;

export const tempPath = (folder: string): string => join(folder, 'tmp', newName());

/** Writes a file of the store; when this returns, it survives a power cut. Throws what the file system throws. */
export function publish(folder: string, to: string, parts: readonly Uint8Array[]): void {
  const temp = tempPath(folder);
  try {
    const file = openSync(temp, 'wx', 0o600);
    try {
      writeAll(file, parts);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temp, to);
    syncFolder(dirname(to));
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
}

/** Writes all of `parts` at the file's position: one call may take less than it is given. */
export function writeAll(file: number, parts: readonly Uint8Array[]): void {
  let rest = parts.filter(({ length }) => length > 0);
  while (rest.length > 0) {
    let written = writevSync(file, rest);
    const next: Uint8Array[] = [];
    for (const part of rest) {
      if (written < part.length) next.push(part.subarray(written));
      written = Math.max(0, written - part.length);
    }
    rest = next;
  }
}

export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
