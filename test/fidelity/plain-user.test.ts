import { chmodSync, mkdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { put } from './files.ts';
import { Rope } from './rope.ts';
import { treeValue } from './tree.ts';

// Permissions mean nothing to root: this file's process is nobody's from here on.
const NOBODY = 65_534;
if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}

test('a file that cannot be read is said to be lost when the run deletes it', async () => {
  const rope = new Rope();
  put(rope.at('secret'), 'before');
  put(rope.at('plain'), 'before');
  chmodSync(rope.at('secret'), 0);
  await rope.take();
  await rope.step(() => {
    rmSync(rope.at('secret'));
    rmSync(rope.at('plain'));
  });
  const lost = [{ path: rope.at('secret'), reason: 'not in the snapshot: not readable' }];
  expect(await rope.plan()).toMatchObject({ lost, create: 1 });
  expect(await rope.restore()).toMatchObject({ result: 'partial', problems: lost, created: 1 });
});

test('permissions of a file that cannot be read come back without its content', async () => {
  const rope = new Rope();
  put(rope.at('secret'), 'before');
  chmodSync(rope.at('secret'), 0);
  const before = treeValue(rope.tree);
  await rope.take();
  await rope.step(() => chmodSync(rope.at('secret'), 0o600));
  expect(await rope.restore()).toMatchObject({ result: 'complete', changed: 1 });
  expect(treeValue(rope.tree)).toEqual(before);
});

test('nothing is removed from a folder that could not be read', async () => {
  const rope = new Rope();
  put(rope.at('closed/old'), 'before');
  chmodSync(rope.at('closed'), 0);
  await rope.take();
  await rope.step(() => chmodSync(rope.at('closed'), 0o700));
  await rope.step(() => put(rope.at('other'), 'by the run'));
  expect(await rope.restore()).toMatchObject({ result: 'complete', changed: 1, deleted: 1 });
  chmodSync(rope.at('closed'), 0o700);
  expect(readFileSync(rope.at('closed/old'), 'utf8')).toBe('before');
});

test('folders that are closed for writing are opened for the restore, and closed again', async () => {
  const rope = new Rope();
  put(rope.at('vault/edited'), 'before');
  put(rope.at('vault/removed'), 'before');
  chmodSync(rope.at('vault'), 0o555);
  const before = treeValue(rope.tree);
  await rope.take();
  await rope.step(() => {
    chmodSync(rope.at('vault'), 0o755);
    put(rope.at('vault/edited'), 'by the run');
    unlinkSync(rope.at('vault/removed'));
    chmodSync(rope.at('vault'), 0o555);
    put(rope.at('cache/module/file'), 'by the run');
    chmodSync(rope.at('cache/module'), 0o555);
  });
  expect(await rope.restore()).toMatchObject({ result: 'complete' });
  expect(treeValue(rope.tree)).toEqual(before);
});

test('a closed folder that was removed comes back closed, with all in it', async () => {
  const rope = new Rope();
  put(rope.at('vault/file'), 'before');
  mkdirSync(rope.at('vault/empty'));
  chmodSync(rope.at('vault/empty'), 0);
  chmodSync(rope.at('vault'), 0o500);
  const before = treeValue(rope.tree);
  await rope.take();
  await rope.step(() => {
    chmodSync(rope.at('vault'), 0o700);
    chmodSync(rope.at('vault/empty'), 0o700);
    rmSync(rope.at('vault'), { recursive: true });
  });
  expect(await rope.restore()).toMatchObject({ result: 'complete', created: 3 });
  expect(treeValue(rope.tree)).toEqual(before);
});
