/** Files on their way into the cache and back: bytes, permissions, links; and what is never taken or written. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CachedFile } from '../../../../src/engine/core/step-cache.ts';
import { openCache } from '../../../../src/store/cache/open-cache.ts';

function scene() {
  const folder = mkdtempSync(join(tmpdir(), 'belay-cache-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [root, other, home] = ['root', 'other', 'home'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [root, other]) mkdirSync(each);
  const cache = openCache(home);
  return {
    root,
    other,
    home,
    cache,
    write(path: string, text: string | Uint8Array, mode = 0o644) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      chmodSync(join(root, path), mode);
    },
    capture: (...patterns: string[]) => cache.capture({ root, patterns, secrets: [] }),
    async taken(...patterns: string[]): Promise<readonly CachedFile[]> {
      const captured = await cache.capture({ root, patterns, secrets: [] });
      if (!captured.ok) throw new Error(captured.error);
      return captured.value;
    },
    back: (files: readonly CachedFile[], to = root) =>
      cache.bringBack(files, to, new AbortController().signal),
  };
}

const all = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => !each.isDirectory())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();

test('a folder comes back byte for byte, with permissions, dot files and links', async () => {
  const { write, root, other, taken, back } = scene();
  const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, index) => (index * 31) % 256));
  write('dist/deep/app.bin', bytes, 0o640);
  write('dist/run.sh', '#!/bin/sh\n', 0o751);
  write('dist/.hidden', '');
  symlinkSync('deep/app.bin', join(root, 'dist/link'));
  symlinkSync('nowhere', join(root, 'dist/dangling'));
  const files = await taken('dist');
  expect(await back(files, other)).toEqual({ ok: true, value: 5 });
  expect(all(other)).toEqual([
    'dist/.hidden',
    'dist/dangling',
    'dist/deep/app.bin',
    'dist/link',
    'dist/run.sh',
  ]);
  expect(readFileSync(join(other, 'dist/deep/app.bin')).equals(bytes)).toBe(true);
  const modes = ['dist/deep/app.bin', 'dist/run.sh'].map((path) => statSync(join(other, path)).mode & 0o777);
  expect(modes).toEqual([0o640, 0o751]);
  expect(readlinkSync(join(other, 'dist/link'))).toBe('deep/app.bin');
});

test('patterns are those of hash_files', async () => {
  const { write, taken, capture } = scene();
  for (const path of ['a/x.js', 'a/y.ts', 'a/b/z.js', 'a/.q.js', 'c.js']) write(path, path);
  const names = async (...patterns: string[]) => (await taken(...patterns)).map(({ path }) => path);
  expect(await names('a/*.js')).toEqual(['a/x.js']);
  expect(await names('**/*.{js,ts}')).toEqual(['a/b/z.js', 'a/x.js', 'a/y.ts', 'c.js']);
  expect(await names('a')).toEqual(['a/.q.js', 'a/b/z.js', 'a/x.js', 'a/y.ts']);
  expect(await names('./c.js', 'c.js')).toEqual(['c.js']);
  const many = await capture('{a,b,c,d,e}{a,b,c,d,e}{a,b,c,d,e}');
  expect(many).toEqual({ ok: false, error: expect.stringContaining('too many alternatives') });
});

test('what is there already is left alone; what differs is replaced', async () => {
  const { write, root, taken, back } = scene();
  write('out/same', 'same');
  write('out/text', 'one');
  write('out/mode', 'm', 0o600);
  const files = await taken('out');
  const { mtimeMs, ino } = statSync(join(root, 'out/same'));
  write('out/text', 'two');
  chmodSync(join(root, 'out/mode'), 0o755);
  write('out/own', 'not of the step');
  expect(await back(files)).toEqual({ ok: true, value: 2 });
  expect(statSync(join(root, 'out/same'))).toMatchObject({ mtimeMs, ino });
  expect(readFileSync(join(root, 'out/text'), 'utf8')).toBe('one');
  expect(statSync(join(root, 'out/mode')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(root, 'out/own'))).toBe(true);
});

test('links that lead out, and what lies behind links, are not taken', async () => {
  const { write, root, other, capture } = scene();
  writeFileSync(join(other, 'secret'), 's');
  mkdirSync(join(root, 'a'));
  symlinkSync('/etc/passwd', join(root, 'a/absolute'));
  expect(await capture('a')).toEqual({ ok: false, error: expect.stringContaining('leads out') });
  rmSync(join(root, 'a/absolute'));
  symlinkSync('../../other/secret', join(root, 'a/up'));
  expect(await capture('a')).toEqual({ ok: false, error: expect.stringContaining('leads out') });
  symlinkSync(other, join(root, 'door'));
  expect(await capture('door/secret')).toEqual({ ok: false, error: 'nothing matches `door/secret`' });
  expect(await capture('../other/secret')).toEqual({ ok: false, error: expect.stringContaining('outside') });
  write('fine', 'f');
  expect(await capture('fine')).toMatchObject({ ok: true });
});

test('a file that holds a secret is not taken, however its bytes are cut', async () => {
  const { write, root, home, cache } = scene();
  write('log', `${'x'.repeat(256 * 1024 - 3)}hunter22 and more`);
  const captured = await cache.capture({ root, patterns: ['log'], secrets: ['hunter22'] });
  expect(captured).toEqual({ ok: false, error: '`log` holds the value of a secret' });
  expect(all(join(home, 'cache'))).toEqual([]);
});

test('nothing is written through a link, over a folder, or outside', async () => {
  const { write, root, other, taken, back } = scene();
  write('out/file', 'text');
  const files = await taken('out');
  rmSync(join(root, 'out'), { recursive: true });
  symlinkSync(other, join(root, 'out'));
  expect(await back(files)).toMatchObject({ ok: false });
  rmSync(join(root, 'out'));
  mkdirSync(join(root, 'out/file'), { recursive: true });
  expect(await back(files)).toMatchObject({ ok: false });
  expect(await back(files.map((file) => ({ ...file, path: '../other/file' })))).toMatchObject({ ok: false });
  expect(readdirSync(other)).toEqual([]);
});

test('a file that is damaged or gone brings nothing back, and leaves nothing beside', async () => {
  const { write, root, home, taken, back } = scene();
  write('out/a', 'first');
  write('out/b', 'second');
  const files = await taken('out');
  rmSync(join(root, 'out'), { recursive: true });
  const { sha256 = '' } = files[1]!;
  const object = join(home, 'cache/objects', sha256.slice(0, 2), sha256.slice(2));
  writeFileSync(object, 'sEcond');
  expect(await back(files)).toEqual({ ok: false, error: 'what was kept of `out/b` is damaged' });
  expect(all(root)).toEqual([]);
  rmSync(object);
  expect(await back(files)).toMatchObject({ ok: false });
  expect(all(root)).toEqual([]);
});

test('an end that is asked for stops it before anything is in place', async () => {
  const { write, root, cache, taken } = scene();
  write('out/a', 'first');
  const files = await taken('out');
  rmSync(join(root, 'out'), { recursive: true });
  await expect(cache.bringBack(files, root, AbortSignal.abort())).rejects.toThrow();
  expect(all(root)).toEqual([]);
});

test('the digest of files follows names, bytes and links, and nothing else', async () => {
  const { write, root, cache } = scene();
  write('src/a', '1');
  const hash = async () => (await cache.hashFiles(root, ['src'])) as { ok: true; value: string };
  const first = await hash();
  expect(await hash()).toEqual(first);
  chmodSync(join(root, 'src/a'), 0o755);
  expect(await hash()).toEqual(first);
  write('src/a', '2');
  const second = await hash();
  expect(second).not.toEqual(first);
  write('src/b', '2');
  expect(await hash()).not.toEqual(second);
  rmSync(join(root, 'src/b'));
  symlinkSync('a', join(root, 'src/b'));
  expect(lstatSync(join(root, 'src/b')).isSymbolicLink()).toBe(true);
  expect(await hash()).not.toEqual(second);
  write('src/a', '1');
  rmSync(join(root, 'src/b'));
  expect(await hash()).toEqual(first);
});
