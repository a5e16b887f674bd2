/** Brings what a capture command gave back out of the store, as a file that can be read and not written. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import { readManifest } from './manifest.ts';
import { captureGone } from './messages.ts';
import { rawBytes } from './path-text.ts';
import type { SnapshotId } from './snapshot.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { newName } from './store-folder.ts';

/** The path of a file that is the caller's to remove; collections leave it alone for a day. */
export function bringCapture(
  store: SnapshotStore,
  snapshot: SnapshotId,
  index: number,
): Promise<Result<string, Failure>> {
  return store.shared(() => {
    const manifest = readManifest(store.folder, snapshot);
    if (!manifest.ok) return manifest;
    const hash = manifest.value.captures[index];
    if (hash === undefined) return err(captureGone(snapshot, index, manifest.value.captures.length));
    const path = join(store.folder, 'tmp', `capture-${newName()}`);
    const done = store.objects.materialize(hash, rawBytes(path));
    if (!done.ok) return done;
    chmodSync(path, 0o400);
    return ok(path);
  });
}
