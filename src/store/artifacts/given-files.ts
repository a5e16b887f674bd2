/**
 * Artifacts as the files that runs read as their inputs: a copy for each content and name, for everybody to read and
 * nobody to write. A copy and not the object itself, so that a step which writes all the same spoils nothing stored.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { chmod, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore } from '../../engine/core/ports.ts';
import { adding, GRACE_MS, newTemp, removing } from './artifact-folder.ts';

/** Where the copy lies, whether it is there yet or not. */
export const givenPath = (folder: string, sha256: string, name: string): string =>
  join(folder, 'given', sha256, name);

/** Puts the copy in its place; false where the bytes are no longer stored. */
export async function placeGiven(
  store: ArtifactStore,
  folder: string,
  sha256: string,
  name: string,
): Promise<boolean> {
  const path = givenPath(folder, sha256, name);
  if (await isWhole(path, sha256)) {
    const touched = adding(folder, path, () => touch(path));
    if (touched) return true;
  }
  const bytes = await store.read(sha256);
  if (!bytes) return false;
  const temp = newTemp(folder);
  try {
    const file = await open(temp, 'wx', 0o600);
    try {
      for await (const chunk of bytes) await file.appendFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(temp, 0o444);
    adding(folder, path, () => renameSync(temp, path));
    return true;
  } finally {
    await rm(temp, { force: true });
  }
}

/** Removes the copies that no run refers to any more. */
export function collectGiven(folder: string, isGiven: (sha256: string) => boolean, nowMs: number): void {
  const root = join(folder, 'given');
  for (const sha256 of names(root)) {
    const path = join(root, sha256);
    const mayGo = () =>
      names(path).every((name) => nowMs - changedMs(join(path, name), nowMs) > GRACE_MS) && !isGiven(sha256);
    if (!mayGo()) continue;
    // looked at again now that nobody adds
    removing(folder, () => {
      if (mayGo()) rmSync(path, { recursive: true, force: true });
    });
  }
}

const changedMs = (path: string, otherwise: number): number =>
  statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? otherwise;

/** A step of another run may have spoilt it. */
async function isWhole(path: string, sha256: string): Promise<boolean> {
  try {
    const sum = createHash('sha256');
    for await (const chunk of createReadStream(path)) sum.update(chunk as Buffer);
    return sum.digest('hex') === sha256;
  } catch {
    return false;
  }
}

function touch(path: string): boolean {
  const now = Date.now() / 1_000;
  try {
    utimesSync(path, now, now);
    return true;
  } catch {
    return false;
  }
}

function names(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
