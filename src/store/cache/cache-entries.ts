/**
 * The rows of the cache: what is kept under which key, who makes what is not there, and what makes room.
 * 1. Everything that changes rows and the objects they need happens in one write transaction: an object goes only
 *    when no row needs it, and a row comes only when its objects are there.
 * 2. `totals` are the sums of the rows at any time.
 */
import { rmSync } from 'node:fs';
import { LEASE_MS } from '../../engine/core/limits.ts';
import type {
  CachedFile,
  CacheEntry,
  CacheHit,
  CacheHolder,
  StepCache,
} from '../../engine/core/step-cache.ts';
import type { Database } from '../database.ts';
import { hasObject, objectPath } from './cache-objects.ts';

/** Longest unused first, this many at a time. */
const EVICTED_AT_ONCE = 64;

export interface CacheLimits {
  readonly bytesMax: number;
  readonly entriesMax: number;
}

interface Totals {
  readonly entries: number;
  readonly row_bytes: number;
  readonly object_bytes: number;
}

const HIT = `UPDATE entries SET used_at = ?, hits = hits + 1 WHERE key = ? AND expires_at > ?
  RETURNING result, manifest, from_run, from_step, took_ms`;
const COUNT_HIT = 'UPDATE totals SET hits = hits + 1, saved_ms = saved_ms + ?';
const COUNT_MISS = 'UPDATE totals SET misses = misses + 1';
const LEASE = 'SELECT holder FROM leases WHERE key = ? AND holder <> ? AND expires_at > ?';
const TAKE = 'INSERT OR REPLACE INTO leases (key, holder, expires_at) VALUES (?, ?, ?)';
const RENEW = 'UPDATE leases SET expires_at = ? WHERE key = ? AND holder = ?';
const RELEASE = 'DELETE FROM leases WHERE key = ? AND holder = ?';
const STALE_LEASES = 'DELETE FROM leases WHERE expires_at <= ?';
const INSERT = `INSERT INTO entries (key, scope, place, workflow, step, label, from_run, from_step, took_ms,
    created_at, used_at, expires_at, row_bytes, file_bytes, files, result, manifest)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const TAG = 'INSERT OR IGNORE INTO tags (tag, key) VALUES (?, ?)';
const UNTAG = 'DELETE FROM tags WHERE key = ?';
const USE = `INSERT INTO objects (sha256, bytes, uses) VALUES (?, ?, 1)
  ON CONFLICT (sha256) DO UPDATE SET uses = uses + 1 RETURNING uses`;
const UNUSE = 'UPDATE objects SET uses = uses - 1 WHERE sha256 = ? RETURNING uses, bytes';
const FORGET_OBJECT = 'DELETE FROM objects WHERE sha256 = ?';
const REMOVE = 'DELETE FROM entries WHERE key = ? RETURNING manifest, row_bytes';
const ADD =
  'UPDATE totals SET entries = entries + ?, row_bytes = row_bytes + ?, object_bytes = object_bytes + ?';
const COUNT_KEPT = 'UPDATE totals SET kept = kept + 1';
const COUNT_EVICTED = 'UPDATE totals SET evicted = evicted + 1';
const TOTALS = 'SELECT entries, row_bytes, object_bytes FROM totals';
const EXPIRED = 'SELECT key FROM entries WHERE expires_at <= ? LIMIT ?';
const LEAST_USED = 'SELECT key FROM entries WHERE key <> ? ORDER BY used_at, key LIMIT ?';

export class CacheEntries {
  readonly #db: Database;
  readonly #folder: string;
  readonly #limits: CacheLimits;

  constructor(db: Database, folder: string, limits: CacheLimits) {
    this.#db = db;
    this.#folder = folder;
    this.#limits = limits;
  }

  find({ key, holder, nowMs }: CacheHolder): ReturnType<StepCache['find']> {
    return this.#db.write(() => {
      const row = this.#db.statement(HIT).get(nowMs, key, nowMs) as unknown as HitRow | undefined;
      if (row) {
        this.#db.statement(COUNT_HIT).run(row.took_ms ?? 0);
        return { kind: 'hit', hit: hitOf(key, row) };
      }
      if (this.#db.statement(LEASE).get(key, holder, nowMs)) return { kind: 'taken' };
      this.#db.statement(TAKE).run(key, holder, nowMs + LEASE_MS);
      this.#db.statement(COUNT_MISS).run();
      return { kind: 'ours' };
    });
  }

  isTaken({ key, holder, nowMs }: CacheHolder): boolean {
    return this.#db.guard(() => this.#db.statement(LEASE).get(key, holder, nowMs) !== undefined);
  }

  renew(holds: readonly CacheHolder[]): void {
    this.#db.write(() => {
      for (const { key, holder, nowMs } of holds)
        this.#db.statement(RENEW).run(nowMs + LEASE_MS, key, holder);
    });
  }

  release({ key, holder }: Pick<CacheHolder, 'key' | 'holder'>): void {
    this.#db.write(() => this.#db.statement(RELEASE).run(key, holder));
  }

  put(entry: CacheEntry): boolean {
    const objects = objectsOf(entry.files);
    const result = JSON.stringify(entry.result);
    const manifest = JSON.stringify(entry.files);
    const rowBytes = Buffer.byteLength(result) + Buffer.byteLength(manifest);
    const fileBytes = entry.files.reduce((sum, { size }) => sum + size, 0);
    if (rowBytes + fileBytes > this.#limits.bytesMax) return false;
    return this.#db.write(() => {
      for (const [sha256, bytes] of objects) if (!hasObject(this.#folder, sha256, bytes)) return false;
      const { key, scope, place, workflow, step, label, from, tookMs, ttlMs, nowMs, files } = entry;
      let objectBytes = 0;
      // first in, so that what the row before shares with this one stays
      for (const [sha256, bytes] of objects)
        if (this.#db.statement(USE).get(sha256, bytes)?.uses === 1) objectBytes += bytes;
      this.#remove(key);
      const names = [key, scope, place, workflow, step, label ?? null, from.run, from.step, tookMs ?? null];
      const times = [nowMs, nowMs, nowMs + ttlMs];
      this.#db.statement(INSERT).run(...names, ...times, rowBytes, fileBytes, files.length, result, manifest);
      for (const tag of entry.tags) this.#db.statement(TAG).run(tag, key);
      this.#db.statement(ADD).run(1, rowBytes, objectBytes);
      this.#db.statement(COUNT_KEPT).run();
      this.#makeRoom(key, nowMs);
      return true;
    });
  }

  /** How many of these were there. */
  drop(keys: readonly string[]): number {
    return this.#db.write(() => keys.filter((key) => this.#remove(key)).length);
  }

  /** How many were over, or had to make room. */
  collect(nowMs: number, bytesMax = this.#limits.bytesMax): number {
    return this.#db.write(() => this.#makeRoom('', nowMs, bytesMax));
  }

  #makeRoom(spared: string, nowMs: number, bytesMax = this.#limits.bytesMax): number {
    this.#db.statement(STALE_LEASES).run(nowMs);
    let gone = 0;
    for (const { key } of this.#db.statement(EXPIRED).all(nowMs, EVICTED_AT_ONCE)) {
      this.#evict(key as string);
      gone += 1;
    }
    while (this.#isFull(bytesMax)) {
      const rows = this.#db.statement(LEAST_USED).all(spared, EVICTED_AT_ONCE);
      for (const { key } of rows) {
        if (!this.#isFull(bytesMax)) break;
        this.#evict(key as string);
        gone += 1;
      }
      if (rows.length === 0) break;
    }
    return gone;
  }

  #evict(key: string): void {
    this.#remove(key);
    this.#db.statement(COUNT_EVICTED).run();
  }

  #isFull(bytesMax: number): boolean {
    const { entries, row_bytes, object_bytes } = this.#db.statement(TOTALS).get() as unknown as Totals;
    return entries > this.#limits.entriesMax || row_bytes + object_bytes > bytesMax;
  }

  #remove(key: string): boolean {
    const row = this.#db.statement(REMOVE).get(key);
    if (!row) return false;
    let freed = 0;
    for (const sha256 of objectsOf(JSON.parse(row.manifest as string) as CachedFile[]).keys()) {
      const { uses, bytes } = this.#db.statement(UNUSE).get(sha256) as { uses: number; bytes: number };
      if (uses > 0) continue;
      this.#db.statement(FORGET_OBJECT).run(sha256);
      rmSync(objectPath(this.#folder, sha256), { force: true });
      freed += bytes;
    }
    this.#db.statement(UNTAG).run(key);
    this.#db.statement(ADD).run(-1, -(row.row_bytes as number), -freed);
    return true;
  }
}

interface HitRow {
  readonly result: string;
  readonly manifest: string;
  readonly from_run: string;
  readonly from_step: string;
  readonly took_ms: number | null;
}

const hitOf = (key: string, row: HitRow): CacheHit => ({
  key,
  result: JSON.parse(row.result) as CacheHit['result'],
  files: JSON.parse(row.manifest) as CacheHit['files'],
  from: { run: row.from_run, step: row.from_step },
  ...(row.took_ms !== null && { tookMs: row.took_ms }),
});

/** Each once, with its size. */
const objectsOf = (files: readonly CachedFile[]): ReadonlyMap<string, number> =>
  new Map(files.flatMap(({ sha256, size }) => (sha256 === undefined ? [] : [[sha256, size]])));
