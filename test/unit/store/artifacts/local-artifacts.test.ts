/** The bytes of artifacts: kept whole or not at all, verified when read, removed only when nobody may need them. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ArtifactStore } from '../../../../src/engine/core/ports.ts';
import { objectPath } from '../../../../src/store/artifacts/artifact-folder.ts';
import { collectGiven, givenPath, placeGiven } from '../../../../src/store/artifacts/given-files.ts';
import { localArtifacts } from '../../../../src/store/artifacts/local-artifacts.ts';

const HOUR_MS = 3_600_000;

let folder: string;
let store: ArtifactStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-artifacts-'));
  store = localArtifacts(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function* pieces(...texts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function text(hash: string): Promise<string | undefined> {
  const bytes = await store.read(hash);
  if (!bytes) return undefined;
  const all: Uint8Array[] = [];
  for await (const piece of bytes) all.push(Buffer.from(piece));
  return Buffer.concat(all).toString();
}

const collect = (isNeeded: (hash: string) => boolean, laterMs = 2 * HOUR_MS) =>
  store.collect({ isNeeded, nowMs: Date.now() + laterMs, dryRun: false });

test('bytes are kept under their sha256, for nobody to write', async () => {
  expect(await store.put(pieces('one ', 'two'))).toEqual({ sha256: sha256('one two'), size: 7 });
  expect(await text(sha256('one two'))).toBe('one two');
  expect(statSync(objectPath(folder, sha256('one two'))).mode & 0o777).toBe(0o400);
});

test('no bytes are bytes too', async () => {
  expect(await store.put(pieces())).toEqual({ sha256: sha256(''), size: 0 });
  expect(await text(sha256(''))).toBe('');
});

test('bytes that end with an error leave nothing', async () => {
  async function* broken(): AsyncIterable<Uint8Array> {
    yield Buffer.from('half');
    throw new Error('the source is gone');
  }
  await expect(store.put(broken())).rejects.toThrow('the source is gone');
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  expect(await text(sha256('half'))).toBeUndefined();
});

test('what is damaged is told when it is read, and mended when it is put again', async () => {
  const { sha256: hash } = await store.put(pieces('whole'));
  chmodSync(objectPath(folder, hash), 0o600);
  writeFileSync(objectPath(folder, hash), 'spoil');
  await expect(text(hash)).rejects.toThrow(`stored artifact \`${hash}\` is damaged`);
  await store.put(pieces('whole'));
  expect(await text(hash)).toBe('whole');
});

test.each(['', '../../etc/passwd', 'A'.repeat(64)])('%j is no name of an object', async (name) => {
  expect(await store.read(name)).toBeUndefined();
});

test('only what nobody needs and nobody has put lately is removed', async () => {
  await store.put(pieces('needed'));
  await store.put(pieces('idle'));
  expect(await collect(() => false, HOUR_MS / 2)).toMatchObject({ objects: 0 });
  expect(await collect((hash) => hash === sha256('needed'))).toEqual({
    objects: 1,
    bytes: 4,
    left: { objects: 1, bytes: 6 },
  });
  expect(await text(sha256('idle'))).toBeUndefined();
  expect(await text(sha256('needed'))).toBe('needed');
});

test('what is put again while others look for what may go stays', async () => {
  await store.put(pieces('again'));
  const path = objectPath(folder, sha256('again'));
  let looks = 0;
  const { objects } = await collect(() => {
    looks += 1;
    // another process has just put the same bytes
    const later = (Date.now() + 2 * HOUR_MS) / 1_000;
    if (looks === 1) utimesSync(path, later, later);
    return false;
  });
  expect([looks, objects]).toEqual([1, 0]);
  expect(await text(sha256('again'))).toBe('again');
});

test('what comes to be needed while others look for what may go stays', async () => {
  await store.put(pieces('wanted'));
  let looks = 0;
  const { objects } = await collect(() => ++looks > 1);
  expect([looks, objects]).toEqual([2, 0]);
});

test('what a crash has left goes after a day', async () => {
  await store.put(pieces('x'));
  writeFileSync(join(folder, 'tmp', 'half'), 'half');
  await collect(() => true);
  expect(readdirSync(join(folder, 'tmp'))).toEqual(['half']);
  await collect(() => true, 25 * HOUR_MS);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});

test('a copy for a run is made once, and goes when no run was given it', async () => {
  const { sha256: hash } = await store.put(pieces('given'));
  const path = givenPath(folder, hash, 'a.txt');
  expect(await placeGiven(store, folder, hash, 'a.txt')).toBe(true);
  const { ino } = statSync(path);
  expect(await placeGiven(store, folder, hash, 'a.txt')).toBe(true);
  expect(statSync(path).ino).toBe(ino);
  const later = Date.now() + 2 * HOUR_MS;
  collectGiven(folder, () => false, Date.now());
  collectGiven(folder, () => true, later);
  expect(statSync(path).ino).toBe(ino);
  collectGiven(folder, () => false, later);
  expect(readdirSync(join(folder, 'given'))).toEqual([]);
  expect(await placeGiven(store, folder, sha256('other'), 'a.txt')).toBe(false);
});
