import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/store/open-store.ts';
import { batch, start } from '../../contract/journal.fixture.ts';
import { opened, scratch, tamper } from './store.fixture.ts';

test('a fresh home is made, readable by its owner only', () => {
  const home = join(scratch(), 'deep', 'home');
  const store = opened(home);
  start(store, 'r1');
  store.putBlob(new Uint8Array(1));
  for (const folder of ['', 'blobs']) expect(statSync(join(home, folder)).mode & 0o777).toBe(0o700);
  for (const file of ['belay.db', 'belay.db-wal', 'belay.db-shm'])
    expect(statSync(join(home, file)).mode & 0o077).toBe(0);
});

test('what was written is there after reopening', () => {
  const home = scratch();
  const first = openStore(home);
  if (!first.ok) throw new Error(first.error.message);
  start(first.value, 'r1');
  first.value.close();
  expect(opened(home).run('r1')).toMatchObject({ runId: 'r1', seq: 1 });
});

test('a home below a regular file is not writable, and the hint says where to go', () => {
  const file = join(scratch(), 'file');
  writeFileSync(file, 'mine');
  const store = openStore(join(file, 'home'));
  expect(store).toMatchObject({
    ok: false,
    error: { code: 'not_writable', hint: expect.stringContaining('--home') },
  });
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test('a folder in place of the database is a problem, not a crash', () => {
  const home = scratch();
  mkdirSync(join(home, 'belay.db'));
  const store = openStore(home);
  expect(store.ok).toBe(false);
  expect(readdirSync(home)).toEqual(['belay.db']);
});

test('a newer version is named and left as it is', () => {
  const home = scratch();
  const store = openStore(home);
  if (!store.ok) throw new Error(store.error.message);
  store.value.close();
  tamper(home, 'PRAGMA user_version = 99');
  const bytes = readFileSync(join(home, 'belay.db'));
  for (const readOnly of [false, true]) {
    const again = openStore(home, { readOnly });
    expect(again).toMatchObject({
      ok: false,
      error: { code: 'newer_version', message: expect.stringMatching(/has format 99, .* up to \d+$/) },
    });
  }
  expect(readFileSync(join(home, 'belay.db'))).toEqual(bytes);
});

test('a file that is no database is corrupt and left as it is', () => {
  const home = scratch();
  const path = join(home, 'belay.db');
  writeFileSync(path, 'no database at all'.repeat(100));
  const bytes = readFileSync(path);
  expect(openStore(home)).toMatchObject({ ok: false, error: { code: 'corrupt' } });
  expect(readFileSync(path)).toEqual(bytes);
});

test('read-only reads, writes nothing, and makes no database', () => {
  const home = scratch();
  expect(openStore(home, { readOnly: true })).toMatchObject({ ok: false, error: { code: 'io' } });
  expect(readdirSync(home)).toEqual([]);
  start(opened(home), 'r1');
  const reader = opened(home, { readOnly: true });
  expect(reader.read('r1')).toMatchObject({ ok: true, value: [{ seq: 1 }] });
  expect(reader.append([batch('r1', 1)])).toMatchObject([{ ok: false, error: { kind: 'storage' } }]);
  expect(() => reader.claim('r1', 'a', 0)).toThrow('is not writable');
});
