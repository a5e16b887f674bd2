/** What the cache keeps, for how long, what makes room, and who makes what is not there. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LEASE_MS } from '../../../../src/engine/core/limits.ts';
import type { CacheEntry } from '../../../../src/engine/core/step-cache.ts';
import { openCache } from '../../../../src/store/cache/open-cache.ts';

const NOW = 1_000_000;

function scene(limits?: Parameters<typeof openCache>[1]) {
  const folder = mkdtempSync(join(tmpdir(), 'belay-cache-'));
  const home = join(folder, 'home');
  mkdirSync(home);
  const open = () => {
    const cache = openCache(home, limits);
    onTestFinished(() => cache.close());
    return cache;
  };
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const objects = () =>
    readdirSync(join(home, 'cache', 'objects'), { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    ).length;
  return { folder, home, open, cache: open(), objects };
}

const entry = (key: string, more: Partial<CacheEntry> = {}): CacheEntry => ({
  key,
  scope: 'project',
  place: '/p',
  workflow: 'w',
  step: 's',
  tags: [],
  result: { outputs: { of: key } },
  files: [],
  from: { run: 'r', step: 's' },
  tookMs: 100,
  ttlMs: 1_000,
  nowMs: NOW,
  ...more,
});

const ask = (key: string, holder = 'me', nowMs = NOW) => ({ key, holder, nowMs });

test('what was put is found, by every process on the folder, until its time is over', () => {
  const { cache, open } = scene();
  expect(cache.find(ask('k'))).toEqual({ kind: 'ours' });
  expect(cache.put(entry('k', { from: { run: 'r1', step: 'a[2]' } }))).toBe(true);
  const hit = { result: { outputs: { of: 'k' } }, files: [], from: { run: 'r1', step: 'a[2]' }, tookMs: 100 };
  expect(open().find(ask('k', 'you', NOW + 999))).toEqual({ kind: 'hit', hit: { key: 'k', ...hit } });
  expect(cache.find(ask('k', 'me', NOW + 1_000))).toEqual({ kind: 'ours' });
});

test('one holder makes a key, until it lets go or is not heard of', () => {
  const { cache, open } = scene();
  const other = open();
  expect(cache.find(ask('k')).kind).toBe('ours');
  expect(cache.find(ask('k')).kind).toBe('ours');
  expect(other.find(ask('k', 'you')).kind).toBe('taken');
  cache.renew([ask('k', 'me', NOW + LEASE_MS - 1)]);
  expect(other.isTaken(ask('k', 'you', NOW + LEASE_MS + 1))).toBe(true);
  expect(other.isTaken(ask('k', 'you', NOW + 2 * LEASE_MS))).toBe(false);
  expect(other.find(ask('k', 'you', NOW + 2 * LEASE_MS)).kind).toBe('ours');
  // it comes too late: the lease is somebody else's
  cache.renew([ask('k', 'me', NOW + 2 * LEASE_MS)]);
  cache.release(ask('k'));
  expect(cache.find(ask('k', 'me', NOW + 2 * LEASE_MS)).kind).toBe('taken');
  other.release(ask('k', 'you'));
  expect(cache.find(ask('k', 'me', NOW + 2 * LEASE_MS)).kind).toBe('ours');
});

test('what was asked for longest ago makes room', () => {
  const { cache } = scene({ bytesMax: 1_000_000, entriesMax: 3 });
  for (const [index, key] of ['a', 'b', 'c'].entries()) cache.put(entry(key, { nowMs: NOW + index }));
  expect(cache.find(ask('a', 'me', NOW + 10)).kind).toBe('hit');
  cache.put(entry('d', { nowMs: NOW + 11 }));
  expect(cache.list({ limit: 9 }).map(({ key }) => key)).toEqual(['d', 'a', 'c']);
  expect(cache.stats()).toMatchObject({ entries: 3, evicted: 1, kept: 4, hits: 1, savedMs: 100 });
});

test('bytes count, a file that several results share once; what is larger than all room is not kept', async () => {
  const { cache, folder, objects } = scene({ bytesMax: 3_000, entriesMax: 100 });
  const take = async (name: string, bytes: number) => {
    writeFileSync(join(folder, name), name.repeat(bytes));
    const taken = await cache.capture({ root: folder, patterns: [name], secrets: [] });
    return taken.ok ? taken.value : [];
  };
  const shared = await take('x', 1_500);
  expect([cache.put(entry('a', { files: shared })), cache.put(entry('b', { files: shared }))]).toEqual([
    true,
    true,
  ]);
  expect(cache.stats().bytes).toBeLessThan(2_000);
  expect(cache.put(entry('huge', { files: await take('h', 4_000) }))).toBe(false);
  cache.put(entry('c', { files: await take('y', 1_000), nowMs: NOW + 1 }));
  expect(cache.stats().entries).toBe(3);
  cache.remove(['a']);
  expect(cache.find(ask('b')).kind).toBe('hit');
  const before = objects();
  cache.remove(['b']);
  expect(objects()).toBe(before - 1);
  expect(cache.stats().bytes).toBeLessThan(1_500);
});

test('a result whose files went meanwhile is not put', async () => {
  const { cache, folder, home } = scene();
  writeFileSync(join(folder, 'f'), 'f');
  const taken = await cache.capture({ root: folder, patterns: ['f'], secrets: [] });
  rmSync(join(home, 'cache'), { recursive: true });
  expect(cache.put(entry('k', { files: taken.ok ? taken.value : [] }))).toBe(false);
  expect(cache.find(ask('k')).kind).toBe('ours');
});

test('results are listed and removed by what they are of', () => {
  const { cache } = scene();
  cache.put(entry('aa11', { tags: ['x', 'y'], workflow: 'one' }));
  cache.put(entry('aa22', { tags: ['y'], workflow: 'two', label: 'build-7' }));
  cache.put(entry('bb33', { step: 'other' }));
  const keys = (query: object) => cache.list({ limit: 9, ...query }).map(({ key }) => key);
  expect(keys({ tag: 'y' })).toEqual(['aa11', 'aa22']);
  expect(keys({ tag: 'x' })).toEqual(['aa11']);
  expect(keys({ workflow: 'two' })).toEqual(['aa22']);
  expect(keys({ step: 'other' })).toEqual(['bb33']);
  expect(keys({ key: 'aa' })).toEqual(['aa11', 'aa22']);
  expect(cache.list({ limit: 9, workflow: 'two' })[0]).toMatchObject({ label: 'build-7', tags: ['y'] });
  expect(cache.remove(['aa11', 'nothing'])).toBe(1);
  expect(keys({ tag: 'y' })).toEqual(['aa22']);
});

test('a result takes the place of the one before, tags and files too', () => {
  const { cache } = scene();
  cache.put(entry('k', { tags: ['old'] }));
  cache.put(entry('k', { tags: ['new'], result: { exit_code: 3 } }));
  expect(cache.list({ limit: 9 }).map(({ tags }) => tags)).toEqual([['new']]);
  expect(cache.find(ask('k'))).toMatchObject({ hit: { result: { exit_code: 3 } } });
  expect(cache.stats().entries).toBe(1);
});

test('the daily round removes what is over, and files that nothing needs', async () => {
  const { cache, folder, objects } = scene();
  writeFileSync(join(folder, 'f'), 'f');
  await cache.capture({ root: folder, patterns: ['f'], secrets: [] });
  cache.put(entry('k'));
  expect(cache.collect(Date.now())).toBe(1);
  expect([cache.stats().entries, objects()]).toEqual([0, 1]);
  cache.collect(Date.now() + 2 * 86_400_000);
  expect(objects()).toBe(0);
});

test('keys say nothing about what they are made of without the key of the folder', () => {
  const [one, two] = [scene(), scene()];
  expect(one.cache.keyOf('text')).toBe(one.open().keyOf('text'));
  expect(one.cache.keyOf('text')).not.toBe(two.cache.keyOf('text'));
  expect(one.cache.keyOf('text')).toMatch(/^[0-9a-f]{64}$/);
});

test('nothing is made before somebody asks for something, and a damaged file is begun anew', () => {
  const { cache, home, open } = scene();
  cache.collect(NOW);
  expect(existsSync(join(home, 'cache.db'))).toBe(false);
  cache.put(entry('k'));
  cache.close();
  writeFileSync(join(home, 'cache.db'), 'this is no database, but it is long enough to be read as one');
  expect(open().find(ask('k')).kind).toBe('ours');
});
