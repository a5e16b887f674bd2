/** Objects go in once, come out as they went in, and are refused when they do not. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ObjectStore } from '../../../src/checkpoint/object-store.ts';
import { ObjectWriter } from '../../../src/checkpoint/object-writer.ts';
import { rawBytes } from '../../../src/checkpoint/path-text.ts';
import { makeStoreFolders } from '../../../src/checkpoint/store-folder.ts';
import { failureOf, filesOf, scratch, unwrap } from './snapshot.fixture.ts';

function opened(): { readonly folder: string; readonly store: ObjectStore; readonly writer: ObjectWriter } {
  const folder = join(scratch(), 'store');
  makeStoreFolders(folder);
  const store = new ObjectStore(folder);
  onTestFinished(() => store.close());
  return { folder, store, writer: new ObjectWriter(folder, store) };
}

const packOf = (folder: string): string =>
  join(folder, 'packs', readdirSync(join(folder, 'packs'))[0] as string);

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a little', Buffer.from('hello')],
  ['text', Buffer.from('the same words again and again, '.repeat(500))],
  ['noise', randomBytes(100_000)],
])('%s comes out as it went in, here and in another process', async (_, content) => {
  const { folder, store, writer } = opened();
  const hash = writer.put(content).toString('hex');
  expect(store.has(hash)).toBe(false);
  await writer.finish();
  for (const reader of [store, new ObjectStore(folder)]) {
    expect(unwrap(reader.read(hash))).toEqual(content);
    reader.close();
  }
  const copy = join(folder, 'copy');
  unwrap(store.materialize(hash, rawBytes(copy)));
  expect(readFileSync(copy)).toEqual(content);
});

test('what repeats is stored once, and text is stored smaller than it is', async () => {
  const { folder, store, writer } = opened();
  const text = Buffer.from('line\n'.repeat(10_000));
  writer.put(text);
  writer.put(text);
  await writer.finish();
  expect(writer.addedBytes).toBeLessThan(text.length / 10);
  const second = new ObjectWriter(folder, store);
  second.put(text);
  await second.finish();
  expect(second.addedBytes).toBe(0);
  expect(filesOf(folder).packs).toHaveLength(1);
});

test('nothing is in its place before the end, and nothing is left by what was given up', async () => {
  const { folder, writer } = opened();
  writer.put(randomBytes(5_000_000));
  expect(filesOf(folder)).toMatchObject({ packs: [], tmp: [expect.any(String)] });
  await writer.abandon();
  expect(filesOf(folder)).toMatchObject({ packs: [], large: [], tmp: [] });
});

test('a large file with a hole comes back, and keeps the hole out of the store', async () => {
  const { folder, store, writer } = opened();
  const source = join(folder, 'source');
  const file = openSync(source, 'w');
  writeFileSync(file, 'head');
  ftruncateSync(file, 50_000_000);
  closeSync(file);
  const hash = writer.putLarge(source).toString('hex');
  await writer.finish();
  expect(filesOf(folder).large).toEqual([hash]);
  expect(statSync(join(folder, 'large', hash)).blocks * 512).toBeLessThan(5_000_000);
  unwrap(store.materialize(hash, join(folder, 'copy')));
  expect(readFileSync(join(folder, 'copy')).equals(readFileSync(source))).toBe(true);
});

test('a damaged object is named and never handed out; the others are', async () => {
  const { folder, store, writer } = opened();
  const [damaged, fine] = [randomBytes(1000), randomBytes(1000)].map((content) =>
    writer.put(content).toString('hex'),
  );
  await writer.finish();
  const bytes = readFileSync(packOf(folder));
  bytes[500]! ^= 1;
  writeFileSync(packOf(folder), bytes);
  const failure = failureOf(store.read(damaged as string));
  expect(failure).toMatchObject({ code: 'object_damaged', retry: 'final' });
  expect(failure?.message).toContain((damaged as string).slice(0, 12));
  expect(failureOf(store.materialize(damaged as string, join(folder, 'copy')))).toMatchObject({
    code: 'object_damaged',
  });
  expect(readdirSync(folder)).not.toContain('copy');
  expect(store.read(fine as string).ok).toBe(true);
});

test.each([
  ['a damaged frame', (pack: string, bytes: Buffer) => writeFileSync(pack, bytes.fill(0xff, 10, 40))],
  ['a pack cut short', (pack: string) => truncateSync(pack, 20)],
])('%s is found', async (_, damage) => {
  const { folder, writer } = opened();
  const hash = writer.put(Buffer.from('words '.repeat(1000))).toString('hex');
  await writer.finish();
  damage(packOf(folder), readFileSync(packOf(folder)));
  const store = new ObjectStore(folder);
  expect(failureOf(store.read(hash))).toMatchObject({ code: 'object_damaged' });
  store.close();
});

test('what is not there is said to be missing', () => {
  const { folder, store } = opened();
  const failure = { code: 'object_damaged', message: expect.stringContaining('is missing') };
  expect(failureOf(store.read('ab'.repeat(32)))).toMatchObject(failure);
  expect(failureOf(store.materialize('ab'.repeat(32), join(folder, 'copy')))).toMatchObject(failure);
});

test('a copy never overwrites', async () => {
  const { folder, store, writer } = opened();
  const hash = writer.put(Buffer.from('new')).toString('hex');
  await writer.finish();
  writeFileSync(join(folder, 'copy'), 'old');
  expect(store.materialize(hash, join(folder, 'copy')).ok).toBe(false);
  expect(readFileSync(join(folder, 'copy'), 'utf8')).toBe('old');
});

test('packs that others add and remove are seen after a refresh', async () => {
  const { folder, store, writer } = opened();
  const hash = writer.put(randomBytes(100)).toString('hex');
  const other = new ObjectStore(folder);
  await writer.finish();
  expect(other.has(hash)).toBe(false);
  other.refresh();
  expect(other.has(hash)).toBe(true);
  const { rmSync } = await import('node:fs');
  rmSync(packOf(folder));
  other.refresh();
  expect(other.has(hash)).toBe(false);
  expect(store.has(hash)).toBe(true);
});
