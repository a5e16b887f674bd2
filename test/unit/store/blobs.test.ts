import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { opened, scratch } from './store.fixture.ts';

test('one file with the mode of a secret, and nothing beside it', () => {
  const home = scratch();
  const sha256 = opened(home).putBlob(Buffer.from('hello'));
  const folder = join(home, 'blobs', sha256.slice(0, 2));
  expect(readdirSync(folder)).toEqual([sha256.slice(2)]);
  expect(statSync(join(folder, sha256.slice(2))).mode & 0o777).toBe(0o600);
});

test('damaged bytes are not given out, and a new put of another length heals them', () => {
  const home = scratch();
  const store = opened(home);
  const sha256 = store.putBlob(Buffer.from('hello'));
  const path = join(home, 'blobs', sha256.slice(0, 2), sha256.slice(2));
  writeFileSync(path, 'hell');
  expect(store.getBlob(sha256)).toBeUndefined();
  store.putBlob(Buffer.from('hello'));
  expect(Buffer.from(store.getBlob(sha256)!).toString()).toBe('hello');
});

test('a blob that cannot be written is a storage error', () => {
  const home = scratch();
  const store = opened(home);
  writeFileSync(join(home, 'blobs'), '');
  expect(() => store.putBlob(Buffer.from('hello'))).toThrow('is not writable');
});
