/** What a collection removes, and what it never does. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collect } from '../../../src/checkpoint/collect.ts';
import { listSnapshots } from '../../../src/checkpoint/list-snapshots.ts';
import { readManifest } from '../../../src/checkpoint/manifest.ts';
import type { Collected, Collection } from '../../../src/checkpoint/snapshot.ts';
import { lockAlone, lockShared } from '../../../src/checkpoint/store-lock.ts';
import {
  type Bench,
  bench,
  contentOf,
  failureOf,
  filesOf,
  take,
  taken,
  unwrap,
  write,
} from './snapshot.fixture.ts';

const KEEP_ALL = { ageMs: 1e12, count: 1_000, bytes: 1e12 };

const collected = async (
  { store }: Bench,
  retention: Partial<Collection['retention']> = {},
  rest: Partial<Collection> = {},
): Promise<Collected> =>
  unwrap(
    await collect(store, {
      liveRuns: [],
      retention: { ...KEEP_ALL, ...retention },
      now: Date.now(),
      dryRun: false,
      ...rest,
    }),
  );

/** A snapshot for each of these runs, each with noise of its own that no other has. */
async function snapshots(at: Bench, runs: readonly string[], bytes = 50_000): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const runId of runs) {
    write(at.tree, { noise: randomBytes(bytes) });
    ids.push(unwrap(await take(at, { runId })).id);
  }
  return ids;
}

const idsOf = ({ folder }: Bench): string[] => listSnapshots(folder).map(({ id }) => id);

test('keeps everything while the retention has room', async () => {
  const at = bench({ shared: 'x'.repeat(1000) });
  const ids = await snapshots(at, ['r1', 'r2']);
  expect(await collected(at)).toMatchObject({ snapshots: 0, objects: 0, bytes: 0, left: { snapshots: 2 } });
  expect(idsOf(at)).toEqual(ids);
});

test('by age: what is older goes, with the objects that nothing else needs', async () => {
  const at = bench({ shared: 'in both' });
  const [old] = await snapshots(at, ['r1']);
  const { manifest } = await taken(at, { runId: 'r2' });
  const now = manifest.info.takenAt + 1_000_000;
  await collected(at, { ageMs: 500_000 }, { now: now - 700_000 });
  expect(idsOf(at)).toEqual([old, manifest.info.id]);
  const { snapshots: removed } = await collected(at, { ageMs: 500_000 }, { now });
  expect(removed).toBe(2);
  expect(idsOf(at)).toEqual([]);
  expect(filesOf(at.folder).packs).toEqual([]);
});

test('by count and by bytes: the newest stay', async () => {
  const at = bench({ shared: 'in all' });
  const ids = await snapshots(at, ['r1', 'r2', 'r3', 'r4'], 400_000);
  const byCount = await collected(at, { count: 3 });
  expect(byCount).toMatchObject({ snapshots: 1, left: { snapshots: 3 } });
  expect(byCount.bytes).toBeGreaterThan(400_000);
  expect(idsOf(at)).toEqual(ids.slice(1));
  const byBytes = await collected(at, { bytes: 1_000_000 });
  expect(idsOf(at)).toEqual(ids.slice(2));
  expect(byBytes.left.bytes).toBeLessThan(1_000_000);
});

test('a live run keeps all its snapshots, whatever the retention says', async () => {
  const at = bench({ shared: 'in all' });
  const [first, , third] = await snapshots(at, ['live', 'over', 'live', 'over']);
  await collected(at, { count: 0, ageMs: 0, bytes: 0 }, { liveRuns: ['live'], now: Date.now() + 1e9 });
  expect(idsOf(at)).toEqual([first, third]);
  for (const id of [first, third]) {
    const manifest = unwrap(readManifest(at.folder, id as string));
    expect(contentOf(at, manifest, join(at.tree, 'shared'))).toBe('in all');
    expect(contentOf(at, manifest, join(at.tree, 'noise')).length).toBeGreaterThan(0);
  }
});

test('a dry run tells the same and changes nothing', async () => {
  const at = bench();
  await snapshots(at, ['r1', 'r2', 'r3']);
  const before = filesOf(at.folder);
  const dry = await collected(at, { count: 1 }, { dryRun: true });
  expect(filesOf(at.folder)).toEqual(before);
  expect(await collected(at, { count: 1 })).toEqual(dry);
});

test('a pack that is mostly garbage is packed anew, and its contents stay readable', async () => {
  const at = bench({ small: 'stays', big: randomBytes(500_000) });
  await take(at, { runId: 'r1' });
  rmSync(join(at.tree, 'big'));
  const { manifest } = await taken(at, { runId: 'r2' });
  const [pack] = filesOf(at.folder).packs as [string];
  const { objects } = await collected(at, { count: 1 });
  expect(objects).toBe(1);
  expect(filesOf(at.folder).packs).not.toContain(pack);
  const packs = join(at.folder, 'packs');
  expect(statSync(join(packs, readdirSync(packs)[0] as string)).size).toBeLessThan(1_000);
  expect(contentOf(at, manifest, join(at.tree, 'small'))).toBe('stays');
});

test('many small packs become one', async () => {
  const at = bench({ first: '0' });
  const runs = Array.from({ length: 40 }, (_, index) => `r${index}`);
  const ids = await snapshots(at, runs, 100);
  expect(filesOf(at.folder).packs).toHaveLength(40);
  await collected(at);
  expect(filesOf(at.folder).packs).toHaveLength(1);
  for (const id of ids) {
    const manifest = unwrap(readManifest(at.folder, id));
    expect(contentOf(at, manifest, join(at.tree, 'first'))).toBe('0');
  }
});

test('large files go with their last snapshot', async () => {
  const at = bench({ large: randomBytes(5_000_000) });
  await take(at, { runId: 'r1' });
  expect(filesOf(at.folder).large).toHaveLength(1);
  rmSync(join(at.tree, 'large'));
  await take(at, { runId: 'r2' });
  const { bytes, objects } = await collected(at, { count: 1 });
  expect(objects).toBe(1);
  expect(bytes).toBeGreaterThan(4_900_000);
  expect(filesOf(at.folder).large).toEqual([]);
});

test('captures that wait for their snapshot stay for a day; other leftovers go', async () => {
  const at = bench({ a: '1' });
  await take(at);
  const temp = (name: string) => join(at.folder, 'tmp', name);
  mkdirSync(temp('capture-young'));
  for (const name of ['capture-old', 'crashed']) writeFileSync(temp(name), 'x');
  utimesSync(temp('capture-old'), 0, 0);
  await collected(at);
  expect(filesOf(at.folder).tmp).toEqual(['capture-young']);
});

test.each([
  ['empty', () => Buffer.alloc(0)],
  ['rubbish', () => Buffer.from('rubbish')],
  ['cut short in its head', (bytes: Buffer) => bytes.subarray(0, 40)],
  ['with a head that is no JSON', (bytes: Buffer) => bytes.fill(0x7b, 12, 40)],
])('a manifest that is %s counts as a snapshot of nobody', async (_, damage) => {
  const at = bench({ a: '1' });
  const { snapshot } = await taken(at);
  const path = join(at.folder, 'snapshots', snapshot.id);
  writeFileSync(path, damage(readFileSync(path)));
  expect(failureOf(readManifest(at.folder, snapshot.id))).toMatchObject({ code: 'object_damaged' });
  expect(idsOf(at)).toEqual([]);
  expect((await collected(at, { count: 0 }, { liveRuns: ['r1'] })).snapshots).toBe(1);
});

test('a manifest that is damaged further back is named, and collected when its time comes', async () => {
  const at = bench({ a: '1' });
  const { snapshot } = await taken(at);
  const path = join(at.folder, 'snapshots', snapshot.id);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  expect(failureOf(readManifest(at.folder, snapshot.id))?.message).toContain(snapshot.id);
  expect((await collected(at)).snapshots).toBe(0);
  expect((await collected(at, { count: 0 })).snapshots).toBe(1);
});

test('collects beside nobody: it waits, and says so when it waited too long', async () => {
  const at = bench({ a: '1' });
  await take(at);
  const share = lockShared(at.folder);
  const alsoShare = lockShared(at.folder);
  expect(() => lockAlone(at.folder, 0)).toThrow('the lock of the store is taken');
  share();
  expect(() => lockAlone(at.folder, 0)).toThrow('the lock of the store is taken');
  alsoShare();
  const alone = lockAlone(at.folder, 0);
  expect(() => lockShared(at.folder, 0)).toThrow('the lock of the store is taken');
  alone();
  lockShared(at.folder, 0)();
});
