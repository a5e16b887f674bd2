/**
 * The last tree of each scope, so that the next snapshot of it reads only what changed. A cache: what is lost or damaged
 * costs time and nothing else, and what it names may have been collected since.
 */
import { hash } from 'node:crypto';
import { constants, copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, manifestAt, manifestPath, writeManifest } from './manifest.ts';
import type { Scope } from './snapshot.ts';
import { tempPath } from './store-folder.ts';
import type { Tree } from './tree.ts';

/** The tree of the last snapshot of this scope, or of the last attempt at one. */
export function indexedTree(folder: string, scope: Scope): Tree | undefined {
  try {
    return manifestAt(indexPath(folder, scope))?.tree;
  } catch {
    return undefined;
  }
}

/** Remembers the tree of a snapshot that is in the store. Not forced to the disk: damage is found by its checksum. */
export function indexSnapshot(folder: string, { info }: Manifest): void {
  const temp = tempPath(folder);
  try {
    copyFileSync(manifestPath(folder, info.id), temp, constants.COPYFILE_FICLONE);
    renameSync(temp, indexPath(folder, info.scope));
  } catch {
    // No space, most likely: the next snapshot then reads more files than it had to.
    rmSync(temp, { force: true });
  }
}

/** Remembers how far an attempt came that made no snapshot. Throws what the file system throws. */
export function indexAttempt(folder: string, manifest: Manifest): void {
  writeManifest(folder, indexPath(folder, manifest.info.scope), manifest);
}

function indexPath(folder: string, { base, roots, exclude }: Scope): string {
  const name = hash('sha256', JSON.stringify([base, roots, exclude]));
  return join(folder, 'index', name.slice(0, 32));
}
