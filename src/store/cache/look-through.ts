/** Looking through the cache, for people and for the daily round: lists, sums, and files that nothing needs. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheScope } from '../../engine/core/model.ts';
import type { Database } from '../database.ts';
import type { CacheLimits } from './cache-entries.ts';

/** A file that nothing needs may be on its way into a result; after this long it is not. */
const ORPHAN_AGE_MS = 86_400_000;

export interface CacheQuery {
  readonly workflow?: string;
  readonly step?: string;
  readonly tag?: string;
  /** The beginning of its key. */
  readonly key?: string;
  readonly limit: number;
}

export interface CacheListing {
  readonly key: string;
  readonly scope: CacheScope;
  readonly place: string;
  readonly workflow: string;
  readonly step: string;
  readonly label?: string;
  readonly tags: readonly string[];
  readonly fromRun: string;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly expiresAt: number;
  readonly hits: number;
  readonly files: number;
  /** What it brings back, and what is kept beside that. */
  readonly bytes: number;
}

export interface CacheStats {
  readonly entries: number;
  /** On disk, each file once. */
  readonly bytes: number;
  readonly bytesMax: number;
  readonly entriesMax: number;
  readonly hits: number;
  readonly misses: number;
  readonly kept: number;
  readonly evicted: number;
  /** What the steps took that were not performed. */
  readonly savedMs: number;
}

const LIST = `SELECT key, scope, place, workflow, step, label, from_run, created_at, used_at, expires_at, hits, files,
    row_bytes + file_bytes AS bytes, (SELECT json_group_array(tag) FROM tags WHERE tags.key = entries.key) AS tags
  FROM entries
  WHERE (?1 IS NULL OR workflow = ?1) AND (?2 IS NULL OR step = ?2) AND substr(key, 1, length(?3)) = ?3
    AND (?4 IS NULL OR key IN (SELECT key FROM tags WHERE tag = ?4))
  ORDER BY used_at DESC, key LIMIT ?5`;
const TOTALS = 'SELECT * FROM totals';
const NEEDED = 'SELECT 1 FROM objects WHERE sha256 = ?';

export function listEntries(db: Database, query: CacheQuery): readonly CacheListing[] {
  const { workflow = null, step = null, key = '', tag = null, limit } = query;
  const rows = db.guard(() => db.statement(LIST).all(workflow, step, key, tag, limit));
  return rows.map((row) => ({
    key: row.key as string,
    scope: row.scope as CacheScope,
    place: row.place as string,
    workflow: row.workflow as string,
    step: row.step as string,
    ...(row.label !== null && { label: row.label as string }),
    tags: JSON.parse(row.tags as string) as string[],
    fromRun: row.from_run as string,
    createdAt: row.created_at as number,
    usedAt: row.used_at as number,
    expiresAt: row.expires_at as number,
    hits: row.hits as number,
    files: row.files as number,
    bytes: row.bytes as number,
  }));
}

export function readStats(db: Database, { bytesMax, entriesMax }: CacheLimits): CacheStats {
  const row = db.guard(() => db.statement(TOTALS).get()) as { readonly [column: string]: number };
  return {
    entries: row.entries!,
    bytes: row.row_bytes! + row.object_bytes!,
    bytesMax,
    entriesMax,
    hits: row.hits!,
    misses: row.misses!,
    kept: row.kept!,
    evicted: row.evicted!,
    savedMs: row.saved_ms!,
  };
}

/** Removes objects that no row needs, and what a process that died has left half written. */
export function sweepObjects(db: Database, folder: string, nowMs: number): void {
  const isOld = (path: string): boolean => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found !== undefined && nowMs - found.mtimeMs > ORPHAN_AGE_MS;
  };
  for (const name of namesIn(join(folder, 'tmp'))) {
    const path = join(folder, 'tmp', name);
    if (isOld(path)) rmSync(path, { force: true });
  }
  for (const first of namesIn(join(folder, 'objects'))) {
    for (const rest of namesIn(join(folder, 'objects', first))) {
      const path = join(folder, 'objects', first, rest);
      if (!isOld(path) || db.statement(NEEDED).get(first + rest)) continue;
      // nobody puts a row in between
      db.write(() => {
        if (!db.statement(NEEDED).get(first + rest)) rmSync(path, { force: true });
      });
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
