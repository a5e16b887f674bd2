/**
 * The cache of a data folder: `cache.db` and, below `cache/`, the bytes of files. Nothing is made before somebody asks
 * for something.
 * 1. A database that is damaged is begun anew: it holds nothing but what can be made again.
 */
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE_BYTES_MAX, CACHE_ENTRIES_MAX } from '../../engine/core/limits.ts';
import type { StepCache } from '../../engine/core/step-cache.ts';
import type { Database } from '../database.ts';
import { openSideDatabase, type SideDatabase } from '../database-file.ts';
import { homeKey } from '../home-key.ts';
import { areThere, bringBackFiles } from './bring-back-files.ts';
import { CacheEntries, type CacheLimits } from './cache-entries.ts';
import { CACHE_MIGRATIONS } from './cache-schema.ts';
import { captureFiles } from './capture-files.ts';
import { InputHashes } from './hash-inputs.ts';
import {
  type CacheListing,
  type CacheQuery,
  type CacheStats,
  listEntries,
  readStats,
  sweepObjects,
} from './look-through.ts';

export type { CacheListing, CacheStats } from './look-through.ts';

/** What people ask of it, besides what runs do. */
export interface ResultCache extends StepCache {
  /** Last used first. */
  list(query: CacheQuery): readonly CacheListing[];
  /** How many of these were there. */
  remove(keys: readonly string[]): number;
  stats(): CacheStats;
  /** Removes what is over, what finds no room, and files that nothing needs; how many results went. */
  collect(nowMs: number, bytesMax?: number): number;
  /** May be called again. */
  close(): void;
}

interface Opened {
  readonly db: Database;
  readonly entries: CacheEntries;
}

const DATABASE_NAME = 'cache.db';
const DATABASE: SideDatabase = {
  name: DATABASE_NAME,
  migrations: CACHE_MIGRATIONS,
  // what the last moments before a power failure had kept may be lost
  pragmas: 'PRAGMA synchronous = NORMAL',
};

/** Where the bytes of files lie. */
export const cacheFolder = (home: string): string => join(home, 'cache');

export function openCache(
  home: string,
  limits: CacheLimits = { bytesMax: CACHE_BYTES_MAX, entriesMax: CACHE_ENTRIES_MAX },
): ResultCache {
  const folder = cacheFolder(home);
  const inputs = new InputHashes();
  let opened: Opened | undefined;
  let key: Uint8Array | undefined;
  const cache = (): Opened => {
    if (!opened) {
      const db = openSideDatabase(home, DATABASE);
      opened = { db, entries: new CacheEntries(db, folder, limits) };
    }
    return opened;
  };
  return {
    keyOf(text) {
      key ??= homeKey(home, 'cache keys');
      return createHmac('sha256', key).update(text).digest('hex');
    },
    hashFiles: (root, patterns) => inputs.hash(root, patterns),
    find: (ask) => cache().entries.find(ask),
    isTaken: (ask) => cache().entries.isTaken(ask),
    renew: (holds) => cache().entries.renew(holds),
    release: (hold) => cache().entries.release(hold),
    put: (entry) => cache().entries.put(entry),
    drop: (one) => void cache().entries.drop([one]),
    capture: (request) => captureFiles(folder, request),
    bringBack: (files, root, signal) => bringBackFiles(folder, files, root, signal),
    areThere: (files, root) => areThere(files, root),
    list: (query) => listEntries(cache().db, query),
    remove: (keys) => cache().entries.drop(keys),
    stats: () => readStats(cache().db, limits),
    collect(nowMs, bytesMax) {
      if (!existsSync(join(home, DATABASE_NAME))) return 0;
      const gone = cache().entries.collect(nowMs, bytesMax);
      sweepObjects(cache().db, folder, nowMs);
      return gone;
    },
    close() {
      opened?.db.close();
      opened = undefined;
    },
  };
}
