/** Trees as bytes and without some of their rows. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scanTree } from '../../../src/checkpoint/scan.ts';
import { Tree } from '../../../src/checkpoint/tree.ts';
import { scopeOf, scratch, write } from './snapshot.fixture.ts';

const entries = (tree: Tree) => [...tree.inOrder()].map((row) => tree.entry(row));

function sample(): { readonly root: string; readonly tree: Tree } {
  const root = scratch();
  write(root, { 'a/1': 'x', 'a/2': 'y', 'a/3/deep': 'z', b: '', 'c/': '' });
  symlinkSync('to\xff', join(root, 'link'));
  const { tree } = scanTree(scopeOf(root), { skip: [] });
  tree.setHash(tree.find(join(root, 'a/2')), Buffer.alloc(32, 9));
  tree.xattrs.set(tree.find(join(root, 'b')), { 'user.x': 'AA==' });
  return { root, tree };
}

function decoded(tree: Tree): Tree {
  const sections = tree.encode().map((section) => Buffer.from(section));
  return Tree.decode(() => sections.shift() as Buffer);
}

test('a tree comes back from its bytes', () => {
  const { tree } = sample();
  const back = decoded(tree);
  expect(entries(back)).toEqual(entries(tree));
  expect(back.scannedAtMs).toBe(tree.scannedAtMs);
  expect([...decoded(new Tree(5)).inOrder()]).toEqual([]);
});

test('more rows than there was room for are all there', () => {
  const root = scratch();
  write(root, Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d${i % 7}/f${i}`, ''])));
  const { tree } = scanTree(scopeOf(root), { skip: [], previous: new Tree(0, 1) });
  const paths = entries(tree).map(({ path }) => path);
  expect(paths).toHaveLength(308);
  expect(paths.every((path) => tree.path(tree.find(path)) === path)).toBe(true);
});

test('what is not in the tree is not found', () => {
  const { root, tree } = sample();
  for (const path of [
    '',
    '/',
    root.slice(0, -1),
    `${root}x`,
    join(root, 'a/0'),
    join(root, 'a/1/x'),
    join(root, 'zz'),
  ])
    expect(tree.find(path)).toBe(-1);
});

test('rows can be left out', () => {
  const { root, tree } = sample();
  const without = tree.without(new Set(['a/1', 'link'].map((name) => tree.find(join(root, name)))));
  const dropped = [join(root, 'a/1'), join(root, 'link')];
  expect(entries(without)).toEqual(entries(tree).filter(({ path }) => !dropped.includes(path)));
});
