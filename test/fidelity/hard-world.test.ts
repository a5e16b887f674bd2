import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { put } from './files.ts';
import { Rope } from './rope.ts';
import { treeValue } from './tree.ts';

const SMALL_DISK_BYTES = 256 * 1024;
const disk = mkdtempSync(join(tmpdir(), 'belay-disk-'));
const hasDisk =
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_BYTES}`, 'tmpfs', disk]).status === 0;
afterAll(() => {
  if (hasDisk) execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

test.skipIf(!hasDisk)(
  'a disk that is full while restoring: nothing changes, and later it works',
  async () => {
    const rope = new Rope(disk);
    put(rope.at('one'), Buffer.alloc(60_000, '1'));
    put(rope.at('two'), Buffer.alloc(60_000, '2'));
    put(rope.at('f/three'), Buffer.alloc(60_000, '3'));
    const before = treeValue(rope.tree);
    await rope.take();
    await rope.step(() => {
      for (const name of ['one', 'two', 'f/three']) unlinkSync(rope.at(name));
      put(rope.at('ballast'), 'by the run');
    });
    writeFileSync(
      join(disk, 'full'),
      Buffer.alloc(statfsSync(disk).bavail * statfsSync(disk).bsize - 100_000),
    );
    const broken = treeValue(rope.tree);
    expect(await rope.restore()).toEqual({
      result: 'failed',
      created: 0,
      changed: 0,
      deleted: 0,
      kept: 0,
      problems: [{ path: rope.at('one'), reason: 'no space left on its disk' }],
      problemCount: 1,
    });
    expect(treeValue(rope.tree)).toEqual(broken);
    expect(rope.leftBehind()).toEqual([]);
    unlinkSync(join(disk, 'full'));
    expect(await rope.restore()).toMatchObject({ result: 'complete' });
    expect(treeValue(rope.tree)).toEqual(before);
  },
);

test('a damaged object is refused and named, and the rest comes back', async () => {
  const rope = new Rope();
  put(rope.at('damaged'), 'this content will be damaged');
  await rope.take();
  put(rope.at('whole'), 'this content will be whole');
  await rope.take();
  await rope.step(() => {
    put(rope.at('damaged'), 'by the run');
    unlinkSync(rope.at('whole'));
  });
  const packs = join(rope.store.folder, 'packs');
  for (const name of readdirSync(packs)) {
    const bytes = readFileSync(join(packs, name));
    const at = bytes.indexOf('will be damaged');
    if (at >= 0) bytes.write('was', at);
    writeFileSync(join(packs, name), bytes);
  }
  const damage = [{ path: rope.at('damaged'), reason: expect.stringContaining('has other bytes') }];
  expect(await rope.plan()).toMatchObject({ lost: damage, lostCount: 1, create: 1, change: 0 });
  expect(await rope.restore()).toMatchObject({ result: 'partial', problems: damage, created: 1 });
  expect(readFileSync(rope.at('damaged'), 'utf8')).toBe('by the run');
  expect(readFileSync(rope.at('whole'), 'utf8')).toBe('this content will be whole');
  expect(rope.leftBehind()).toEqual([]);
});

test('a snapshot or a list that is gone fails, and touches nothing', async () => {
  const rope = new Rope();
  put(rope.at('file'), 'before');
  await rope.take();
  await rope.step(() => put(rope.at('file'), 'by the run'));
  const [list = ''] = rope.lists;
  writeFileSync(join(rope.store.folder, 'lists', list), 'no list');
  await expect(rope.restore()).rejects.toThrow(`change list \`${list}\` is damaged`);
  unlinkSync(join(rope.store.folder, 'lists', list));
  await expect(rope.restore()).rejects.toThrow(`change list \`${list}\` is not in the store`);
  await expect(rope.restore({ snapshot: '../../etc' })).rejects.toThrow('is not in the store');
  expect(readFileSync(rope.at('file'), 'utf8')).toBe('by the run');
});

test('a fifo in the place of a file, and one in a folder of the run', async () => {
  const rope = new Rope();
  put(rope.at('file'), 'before');
  await rope.take();
  await rope.step(() => {
    unlinkSync(rope.at('file'));
    execFileSync('mkfifo', [rope.at('file')]);
    put(rope.at('made/by-the-run'));
    execFileSync('mkfifo', [rope.at('made/pipe')]);
  });
  expect(await rope.restore()).toMatchObject({
    result: 'partial',
    problems: [{ path: rope.at('made'), reason: 'not empty: holds `pipe`, a fifo' }],
    kept: 1,
    problemCount: 1,
  });
  expect(readFileSync(rope.at('file'), 'utf8')).toBe('before');
});
