/**
 * Puts what is still needed of some packs into new ones: of those that are mostly garbage, and of small ones when there
 * are many, since each costs an open file at every start. Contents are copied as they are stored, unread.
 */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { NeededObjects } from './needed-objects.ts';
import { ObjectWriter } from './object-writer.ts';
import { bytesAt, type Packed } from './pack.ts';
import type { SnapshotStore } from './snapshot-store.ts';

const SMALL_PACK_BYTES = 4 * 1024 * 1024;
const SMALL_PACKS_MAX = 32;

export interface WastefulPacks {
  readonly names: readonly string[];
  /** What has to be packed anew, by pack. */
  readonly rows: ReadonlyMap<string, readonly Packed[]>;
  readonly keptBytes: number;
  /** Objects that nobody needs. */
  readonly garbage: number;
}

/** Which packs are better gone. */
export function wastefulPacks(needed: NeededObjects): WastefulPacks {
  const rows = new Map<string, readonly Packed[]>();
  const smallCount = needed.packs.filter(({ bytes }) => bytes < SMALL_PACK_BYTES).length;
  let keptBytes = 0;
  let garbage = 0;
  for (const [number, { name, list, bytes }] of needed.packs.entries()) {
    if (!list) continue;
    const live = needed.neededOf(number);
    const liveBytes = live.reduce((sum, { stored }) => sum + stored, 0);
    const isSmall = bytes < SMALL_PACK_BYTES && smallCount > SMALL_PACKS_MAX;
    if (liveBytes * 2 > bytes && !isSmall) continue;
    rows.set(name, live);
    keptBytes += liveBytes;
    garbage += list.count - live.length;
  }
  return { names: [...rows.keys()], rows, keptBytes, garbage };
}

/** New packs with these rows; the old ones stay for the caller to remove. */
export async function repack(store: SnapshotStore, packs: WastefulPacks['rows']): Promise<void> {
  const writer = new ObjectWriter(store.folder, store.objects);
  try {
    for (const [name, rows] of packs) copyRows(join(store.folder, 'packs', name), rows, writer);
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

function copyRows(path: string, rows: readonly Packed[], writer: ObjectWriter): void {
  const file = openSync(path, 'r');
  try {
    for (const { hash, offset, stored, size } of rows)
      writer.putPacked(hash, bytesAt(file, offset, stored), size);
  } finally {
    closeSync(file);
  }
}
