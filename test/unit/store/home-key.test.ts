import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { homeKey } from '../../../src/store/home-key.ts';
import { scratch } from './store.fixture.ts';

const SOURCE = new URL('../../../src/store/home-key.ts', import.meta.url).href;

test('is one key for all processes that create it at once, for the owner only', async () => {
  const home = scratch();
  const script = `const { homeKey } = await import(${JSON.stringify(SOURCE)});
    process.stdout.write(Buffer.from(homeKey(${JSON.stringify(home)}, 'secret digests')).toString('hex'));`;
  const told = await Promise.all(
    Array.from({ length: 4 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]),
    ),
  );
  const keys = new Set(told.map(({ stdout }) => stdout));
  expect([...keys]).toEqual([Buffer.from(homeKey(home, 'secret digests')).toString('hex')]);
  expect(readdirSync(home)).toEqual(['home.key']);
  expect(statSync(join(home, 'home.key')).mode & 0o777).toBe(0o600);
});

test('what is signed for one purpose is worth nothing for another', () => {
  const home = scratch();
  expect(homeKey(home, 'request state')).not.toEqual(homeKey(home, 'secret digests'));
  expect(homeKey(home, 'request state')).toEqual(homeKey(home, 'request state'));
});

test('refuses a file that is no key, and says what to do', () => {
  const home = scratch();
  writeFileSync(join(home, 'home.key'), 'short');
  expect(() => homeKey(home, 'request state')).toThrow('found 5 bytes, expected 32');
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is a problem of storage', () => {
  const home = join(scratch(), 'home');
  mkdirSync(home);
  chmodSync(home, 0o500);
  expect(() => homeKey(home, 'request state')).toThrow('is not writable');
});
