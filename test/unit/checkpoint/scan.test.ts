/** What a scan lists, what it leaves out and says so, and what it takes over from an earlier one. */
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fingerprintOf, type ScanOptions, scanTree } from '../../../src/checkpoint/scan.ts';
import type { Scope } from '../../../src/checkpoint/snapshot.ts';
import { tempName } from '../../../src/checkpoint/temp-name.ts';
import type { Tree } from '../../../src/checkpoint/tree.ts';
import { scopeOf, scratch, write } from './snapshot.fixture.ts';

/** Long enough after the last write that no stamp is in doubt. */
function later(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

const scan = (scope: Scope, options: Partial<ScanOptions> = {}) => scanTree(scope, { skip: [], ...options });
const pathsOf = (tree: Tree, rows: Iterable<number>, root: string): string[] =>
  [...rows].map((row) => tree.path(row).slice(root.length + 1));
const listed = (tree: Tree, root: string): string[] => pathsOf(tree, tree.inOrder(), root);

test('lists files, folders and links in path order', () => {
  const root = scratch();
  write(root, { 'b.txt': 'b', 'b/z': '1', 'b/a/': '', a: 'a', '.git/HEAD': 'ref' });
  symlinkSync('nowhere', join(root, 'dangling'));
  const { tree, missed } = scan(scopeOf(root));
  expect(listed(tree, root)).toEqual(['', '.git', '.git/HEAD', 'a', 'b', 'b/a', 'b/z', 'b.txt', 'dangling']);
  expect(missed).toEqual([]);
  expect(tree.entry(tree.find(join(root, 'dangling')))).toMatchObject({ type: 'symlink', target: 'nowhere' });
  expect(tree.entry(tree.find(join(root, 'b.txt')))).toEqual(fingerprintOf(join(root, 'b.txt')));
});

test('names are bytes: newlines, backslashes and what is not UTF-8', () => {
  const root = scratch();
  const names = ['new\nline', 'back\\slash', 'bad\xff\xc3', ' ', '\xe4\xb8\x96'];
  for (const name of names) writeFileSync(Buffer.from(join(root, name), 'latin1'), 'x');
  const { tree } = scan(scopeOf(root));
  expect(listed(tree, root).slice(1).sort()).toEqual([...names].sort());
  expect(fingerprintOf(join(root, 'bad\xff\xc3'))).toMatchObject({ type: 'file', size: 1 });
});

test('special files are named and not listed', async () => {
  const root = scratch();
  write(root, { plain: '' });
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const server = createServer().listen(join(root, 'socket'));
  await new Promise((ready) => server.once('listening', ready));
  const { tree, missed } = scan(scopeOf(root));
  server.close();
  expect(listed(tree, root)).toEqual(['', 'plain']);
  expect(missed).toEqual([
    { path: join(root, 'fifo'), reason: 'fifo' },
    { path: join(root, 'socket'), reason: 'socket' },
  ]);
  expect(fingerprintOf(join(root, 'fifo'))).toBeUndefined();
});

test('a root may be a file, or not there', () => {
  const root = scratch();
  write(root, { 'a/file': 'x', 'b/other': 'y' });
  const roots = ['none', 'b', 'a/file'].map((name) => join(root, name));
  const { tree } = scan({ roots, exclude: [], base: root });
  expect(listed(tree, root)).toEqual(['a/file', 'b', 'b/other']);
  expect(tree.find(join(root, 'none'))).toBe(-1);
});

test('excludes as .gitignore does: anchored, anywhere, folders only, and back in', () => {
  const root = scratch();
  write(root, {
    'node_modules/x/index.js': '',
    'sub/node_modules/y': '',
    'out/a': '',
    'sub/out/a': '',
    'a.log': '',
    'keep.log': '',
    'A.LOG': '',
    build: 'a file',
    'deep/build/x': '',
    'é.tmp': '',
  });
  const { tree, excluded } = scan(
    scopeOf(root, 'node_modules', '/out', '*.log', '!keep.log', 'build/', 'é.*'),
  );
  expect(listed(tree, root)).toEqual([
    '',
    'A.LOG',
    'build',
    'deep',
    'keep.log',
    'sub',
    'sub/out',
    'sub/out/a',
  ]);
  expect(excluded).toBe(6);
});

test('a root outside of the base is matched relative to itself', () => {
  const root = scratch();
  write(root, { 'base/x': '', 'other/out/a': '', 'other/sub/out': '' });
  const { tree } = scan({ roots: [join(root, 'other')], exclude: ['/out'], base: join(root, 'base') });
  expect(listed(tree, root)).toEqual(['other', 'other/sub', 'other/sub/out']);
});

test('leaves out what is to be skipped, and the files of restores under way', () => {
  const root = scratch();
  write(root, { 'data/db': '', 'data2/x': '', [tempName('restore-7', 3)]: '', '.belay/workflows/a': '' });
  const { tree } = scan(scopeOf(root), { skip: [join(root, 'data')] });
  expect(listed(tree, root)).toEqual([
    '',
    '.belay',
    '.belay/workflows',
    '.belay/workflows/a',
    'data2',
    'data2/x',
  ]);
});

test('an earlier tree tells what is fresh and what is gone', () => {
  const root = scratch();
  write(root, {
    same: '1',
    changed: '1',
    mode: '1',
    deleted: '1',
    'gone/a/b': '',
    'file-now/x': '',
    'moved/x': '',
  });
  later();
  const first = scan(scopeOf(root)).tree;
  write(root, { changed: '22', created: '1', 'new/x': '' });
  chmodSync(join(root, 'mode'), 0o600);
  for (const name of ['deleted', 'gone', 'file-now']) rmSync(join(root, name), { recursive: true });
  write(root, { 'file-now': 'x' });
  renameSync(join(root, 'moved'), join(root, 'moved-on'));
  const second = scan(scopeOf(root), { previous: first });
  expect(pathsOf(second.tree, second.fresh, root).sort()).toEqual(
    ['', 'changed', 'created', 'file-now', 'mode', 'moved-on', 'moved-on/x', 'new', 'new/x'].sort(),
  );
  expect(pathsOf(first, second.gone, root).sort()).toEqual(
    ['deleted', 'file-now/x', 'gone', 'gone/a', 'gone/a/b', 'moved', 'moved/x'].sort(),
  );
});

test('a hash is taken over with the stat, but not for what was stamped close to the earlier scan', () => {
  const root = scratch();
  write(root, { file: '1' });
  const hash = Buffer.alloc(32, 7);
  const scanned = () => {
    const { tree } = scan(scopeOf(root));
    tree.setHash(tree.find(join(root, 'file')), hash);
    return tree;
  };
  const racy = scan(scopeOf(root), { previous: scanned() });
  expect(pathsOf(racy.tree, racy.fresh, root)).toContain('file');
  expect(racy.tree.isHashed(racy.tree.find(join(root, 'file')))).toBe(false);
  later();
  const settled = scan(scopeOf(root), { previous: scanned() });
  expect(settled.fresh).toEqual([]);
  expect(settled.tree.hash(settled.tree.find(join(root, 'file')))).toEqual(hash);
});

test('a folder over the budget of files is closed and named, and nothing is concluded about it', () => {
  const root = scratch();
  write(root, { 'big/1': '', 'big/2': '', 'big/3': '', small: '' });
  const { tree, missed } = scan(scopeOf(root), { filesMax: 4 });
  expect(listed(tree, root)).toEqual(['', 'big', 'small']);
  expect(missed).toEqual([{ path: join(root, 'big'), reason: 'over the budget of 4 files' }]);
  expect(tree.isClosed(tree.find(join(root, 'big')))).toBe(true);
  const again = scan(scopeOf(root), { previous: tree });
  expect(listed(again.tree, root)).toEqual(['', 'big', 'small']);
  expect(listed(scan(scopeOf(root), { previous: tree, reopen: true }).tree, root)).toContain('big/3');
});

test('hard links are known as one file only where the tree has both names', () => {
  const root = scratch();
  write(root, { 'in/a': 'x', 'out/b': 'y', 'in/c': 'z' });
  linkSync(join(root, 'in/a'), join(root, 'in/a2'));
  linkSync(join(root, 'in/c'), join(root, 'out/c'));
  const { tree } = scan(scopeOf(join(root, 'in')));
  const groups = ['a', 'a2', 'c'].map((name) => tree.entry(tree.find(join(root, 'in', name))).linkGroup);
  expect(groups[0]).toBeDefined();
  expect(groups).toEqual([groups[0], groups[0], undefined]);
});

test('a scan that is asked to end says that it has only a part', () => {
  const root = scratch();
  mkdirSync(join(root, 'a'));
  expect(scan(scopeOf(root), { isOver: () => true }).over).toBe(true);
  expect(scan(scopeOf(root), { isOver: () => false }).over).toBe(false);
});
