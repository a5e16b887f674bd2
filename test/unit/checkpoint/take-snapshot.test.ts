/** What a snapshot holds, what it says of the rest, and what the next one has to read. */
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Manifest, manifestAt, writeManifest } from '../../../src/checkpoint/manifest.ts';
import { fingerprintOf } from '../../../src/checkpoint/scan.ts';
import {
  BUDGET,
  bench,
  contentOf,
  failureOf,
  filesOf,
  scopeOf,
  take,
  taken,
  write,
} from './snapshot.fixture.ts';

/** Long enough after the last write that no stamp is in doubt. */
function later(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

test('holds bytes, modes, times to the nanosecond, links, empty folders, nested repositories', async () => {
  const at = bench({
    'src/a.txt': 'alpha',
    'src/empty': '',
    'empty/': '',
    '.gitignore': 'ignored\n',
    ignored: 'kept all the same',
    'vendor/lib/.git/HEAD': 'ref: refs/heads/main\n',
    'bad\xff': Buffer.from([0, 255]),
    'crlf.txt': 'a\r\nb\r\n$Id$\r\n',
  });
  const path = (name: string) => join(at.tree, name);
  chmodSync(path('src/a.txt'), 0o4751);
  chmodSync(path('ignored'), 0o600);
  execFileSync('touch', ['-d', '2001-02-03 04:05:06.123456789 UTC', path('src/a.txt')]);
  symlinkSync('nowhere', path('dangling'));
  const { manifest, snapshot } = await taken(at);
  expect(manifest.entry(path('src/a.txt'))).toMatchObject({
    mode: 0o4751,
    mtimeNs: BigInt(Date.UTC(2001, 1, 3, 4, 5, 6)) * 1_000_000n + 123_456_789n,
  });
  expect(manifest.entry(path('dangling'))).toMatchObject({ type: 'symlink', target: 'nowhere' });
  for (const name of ['src/a.txt', 'src/empty', 'ignored', 'vendor/lib/.git/HEAD', 'crlf.txt'])
    expect(contentOf(at, manifest, path(name))).toBe(readFileSync(path(name), 'utf8'));
  for (const { hash, ...entry } of manifest.entries()) {
    expect(entry).toEqual(fingerprintOf(entry.path));
    expect(hash !== undefined).toBe(entry.type === 'file');
  }
  expect(snapshot).toMatchObject({ omitted: [], omittedCount: 0, files: [...manifest.entries()].length });
  expect(filesOf(at.folder).tmp).toEqual([]);
});

test('a change of the tree afterwards changes nothing of the snapshot', async () => {
  const at = bench({ a: 'before', gone: 'still here' });
  const { manifest } = await taken(at);
  write(at.tree, { a: 'after' });
  rmSync(join(at.tree, 'gone'));
  await taken(at);
  expect(contentOf(at, manifest, join(at.tree, 'a'))).toBe('before');
  expect(contentOf(at, manifest, join(at.tree, 'gone'))).toBe('still here');
});

test('the next snapshot reads what changed and nothing else', async () => {
  const at = bench({ a: 'alpha', b: 'beta', 'c/d': 'delta' });
  later();
  await taken(at);
  // A lie in the stat index comes through where the file is not read.
  const [name] = filesOf(at.folder).index as [string];
  const index = manifestAt(join(at.folder, 'index', name)) as Manifest;
  const { tree } = index;
  tree.setHash(tree.find(join(at.tree, 'c/d')), tree.hash(tree.find(join(at.tree, 'a'))));
  writeManifest(at.folder, join(at.folder, 'index', name), index);
  write(at.tree, { b: 'BETA' });
  const { manifest, snapshot } = await taken(at);
  expect(contentOf(at, manifest, join(at.tree, 'b'))).toBe('BETA');
  expect(contentOf(at, manifest, join(at.tree, 'c/d'))).toBe('alpha');
  expect(snapshot.addedBytes).toBe('BETA'.length);
});

test('contents that the store has lost are read again', async () => {
  const at = bench({ a: 'alpha' });
  later();
  await taken(at);
  rmSync(join(at.folder, 'packs', filesOf(at.folder).packs?.[0] as string));
  const { manifest } = await taken(at);
  expect(contentOf(at, manifest, join(at.tree, 'a'))).toBe('alpha');
});

test('a damaged stat index costs time and nothing else', async () => {
  const at = bench({ a: 'alpha' });
  later();
  await taken(at);
  const [index] = filesOf(at.folder).index as [string];
  writeFileSync(join(at.folder, 'index', index), 'rubbish');
  const { manifest } = await taken(at);
  expect(contentOf(at, manifest, join(at.tree, 'a'))).toBe('alpha');
});

test('a file with several names is read once and remembered as one', async () => {
  const at = bench({ a: 'x'.repeat(1000) });
  linkSync(join(at.tree, 'a'), join(at.tree, 'b'));
  const { manifest, snapshot } = await taken(at);
  const [a, b] = ['a', 'b'].map((name) => manifest.entry(join(at.tree, name)));
  expect(a?.linkGroup).toBeDefined();
  expect(b).toMatchObject({ linkGroup: a?.linkGroup, hash: a?.hash });
  expect(snapshot.bytes).toBe(1000);
});

test('a root may be a file, or nothing at all', async () => {
  const at = bench({ 'one/file': 'x', other: 'y' });
  const roots = [join(at.tree, 'none'), join(at.tree, 'one/file')];
  const { manifest } = await taken(at, { scope: { roots, exclude: [], base: at.tree } });
  expect([...manifest.entries()].map(({ path }) => path)).toEqual([join(at.tree, 'one/file')]);
  expect(manifest.info.scope.roots).toEqual(roots);
});

test('the data folder is never part of a snapshot, even when it lies in the tree', async () => {
  const at = bench({ data: 'a file outside' });
  const home = join(at.tree, '..');
  const { manifest } = await taken(at, { scope: scopeOf(home) });
  const paths = [...manifest.entries()].map(({ path }) => path);
  expect(paths).toContain(join(at.tree, 'data'));
  expect(paths.filter((path) => path.startsWith(join(home, 'data')))).toEqual([]);
});

test('an exclude that matches everything is refused, and nothing is stored', async () => {
  const at = bench({ a: '1', 'b/c': '2' });
  const failure = failureOf(await take(at, { scope: scopeOf(at.tree, '*') }));
  expect(failure).toMatchObject({ code: 'checkpoint_refused', retry: 'final' });
  expect(failure?.message).toContain(`leaves nothing of \`${at.tree}\``);
  expect(filesOf(at.folder)).toMatchObject({ packs: [], snapshots: [], index: [], tmp: [] });
});

test('an empty folder can be protected', async () => {
  const { manifest } = await taken(bench(), {});
  expect([...manifest.entries()]).toHaveLength(1);
});

test('where more has to be read than is allowed unasked, nothing is read and nothing is kept', async () => {
  const at = bench({ a: 'x'.repeat(600), b: 'y'.repeat(1_400) });
  const refused = await take(at, { budget: { ...BUDGET, newBytes: 1_024 } });
  expect(failureOf(refused)).toMatchObject({
    code: 'checkpoint_over_budget',
    message: expect.stringContaining('2 KB of files would have to be read, at most 1 KB'),
  });
  expect((await taken(at, { budget: { ...BUDGET, newBytes: 2_000 } })).snapshot.bytes).toBe(2_000);
});

test('files over the budget of bytes are listed with the reason, and the rest is kept', async () => {
  const at = bench({ a: 'x'.repeat(600), b: 'y'.repeat(600), c: 'z'.repeat(300) });
  const { manifest, snapshot } = await taken(at, { budget: { ...BUDGET, bytes: 1_024 } });
  expect(snapshot.omitted).toEqual([{ path: join(at.tree, 'b'), reason: 'over the budget of 1 KB' }]);
  expect(snapshot.bytes).toBe(900);
  expect(manifest.entry(join(at.tree, 'b'))).toMatchObject({ size: 600 });
  expect(manifest.entry(join(at.tree, 'b'))?.hash).toBeUndefined();
  expect(contentOf(at, manifest, join(at.tree, 'c'))).toBe('z'.repeat(300));
});

test('a folder over the budget of files is listed with the reason', async () => {
  const at = bench({ 'big/1': '', 'big/2': '', small: '' });
  const { snapshot } = await taken(at, { budget: { ...BUDGET, files: 4 } });
  expect(snapshot.omitted).toEqual([{ path: join(at.tree, 'big'), reason: 'over the budget of 4 files' }]);
});

test('out of time there is no snapshot, and what was read serves the next attempt', async () => {
  const at = bench({ a: 'alpha', b: 'beta' });
  const clock = vi.spyOn(performance, 'now');
  onTestFinished(() => clock.mockRestore());
  let asked = 0;
  // Start, root folder, first file; then time is up.
  clock.mockImplementation(() => (asked++ < 3 ? 0 : 61_000));
  const failure = failureOf(await take(at));
  expect(failure).toMatchObject({ code: 'checkpoint_over_budget', retry: 'again' });
  expect(failure?.message).toContain('60 s');
  expect(filesOf(at.folder)).toMatchObject({ snapshots: [], packs: [expect.any(String)], tmp: [] });
  clock.mockRestore();
  const { manifest, snapshot } = await taken(at);
  expect(snapshot.addedBytes).toBe('beta'.length);
  expect(contentOf(at, manifest, join(at.tree, 'a'))).toBe('alpha');
});

test('captures move into the store and come along', async () => {
  const at = bench({ a: 'alpha' });
  const capture = join(at.tree, '..', 'dump.sql');
  writeFileSync(capture, 'create table t');
  const { manifest } = await taken(at, { captures: [capture] });
  at.store.objects.refresh();
  const content = at.store.objects.read(manifest.captures[0] as string);
  expect(content.ok && content.value.toString()).toBe('create table t');
  expect(() => readFileSync(capture)).toThrow('ENOENT');
});

test('times before 1970 and files of the far future are kept', async () => {
  const at = bench({ old: 'x', future: 'y' });
  execFileSync('touch', ['-d', '1950-01-01 00:00:00.5 UTC', join(at.tree, 'old')]);
  utimesSync(join(at.tree, 'future'), 4e9, 4e9);
  const { manifest } = await taken(at);
  expect(manifest.entry(join(at.tree, 'old'))?.mtimeNs).toBe(
    BigInt(Date.UTC(1950, 0, 1)) * 1_000_000n + 500_000_000n,
  );
  expect(manifest.entry(join(at.tree, 'future'))?.mtimeNs).toBe(4_000_000_000_000_000_000n);
});
