/** Tells which snapshots are in a store, from the heads of their manifests alone; one that is damaged is not told of. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { headAt, manifestPath } from './manifest.ts';
import type { SnapshotInfo } from './snapshot.ts';

/** Oldest first; of one run, or of all. */
export function listSnapshots(folder: string, runId?: string): readonly SnapshotInfo[] {
  const found = namesIn(join(folder, 'snapshots'))
    .map((id) => infoOf(folder, id))
    .filter((info) => info !== undefined)
    .filter((info) => runId === undefined || info.runId === runId);
  return found.sort((a, b) => a.takenAt - b.takenAt || (a.id < b.id ? -1 : 1));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No snapshot was ever taken here.
    return [];
  }
}

function infoOf(folder: string, id: string): SnapshotInfo | undefined {
  try {
    return headAt(manifestPath(folder, id))?.info;
  } catch {
    // Collected since the folder was read.
    return undefined;
  }
}
