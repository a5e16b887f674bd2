import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Restore } from '../../src/checkpoint/snapshot.ts';
import { put } from './files.ts';
import { Rope } from './rope.ts';
import { treeValue } from './tree.ts';

const PROGRAM = join(import.meta.dirname, 'restore.process.ts');

/** One of everything that a restore does. */
async function brokenTree(): Promise<{ readonly rope: Rope; readonly before: object }> {
  const rope = new Rope();
  const at = (path: string): string => rope.at(path);
  put(at('changed'), 'before');
  put(at('gone/deep/file'), 'before');
  put(at('was-file'), 'before');
  put(at('was-folder/file'), 'before');
  put(at('mode'), 'before');
  put(at('linked'), 'before');
  linkSync(at('linked'), at('linked-2'));
  symlinkSync('nowhere', at('link'));
  const before = treeValue(rope.tree);
  await rope.take();
  await rope.step(() => {
    put(at('changed'), 'by the run');
    renameSync(at('gone'), at('moved'));
    unlinkSync(at('was-file'));
    put(at('was-file/now/folder'), 'by the run');
    rmSync(at('was-folder'), { recursive: true });
    put(at('was-folder'), 'by the run');
    chmodSync(at('mode'), 0o600);
    unlinkSync(at('linked-2'));
    put(at('linked'), 'by the run');
    unlinkSync(at('link'));
    symlinkSync('somewhere', at('link'));
  });
  return { rope, before };
}

function restoreInProcess(
  rope: Rope,
  request: Restore,
  killAt: number,
): { signal: string | null; stdout: string } {
  return spawnSync(process.execPath, [PROGRAM, rope.store.folder, JSON.stringify(request), String(killAt)], {
    encoding: 'utf8',
  });
}

test('killed before any act on the file system, the same restore finishes what it began', async () => {
  let killAt = 0;
  for (let isKilled = true; isKilled; killAt += 1) {
    const { rope, before } = await brokenTree();
    const request = { ...rope.target, operation: 'interrupted' };
    const { signal, stdout } = restoreInProcess(rope, request, killAt);
    isKilled = signal === 'SIGKILL';
    if (!isKilled)
      expect(JSON.parse(stdout)).toMatchObject({ acts: killAt, restored: { value: { result: 'complete' } } });
    expect(await rope.restore(request)).toMatchObject({ result: 'complete' });
    expect(treeValue(rope.tree), `killed at ${killAt}`).toEqual(before);
    expect(rope.leftBehind()).toEqual([]);
  }
  expect(killAt).toBeGreaterThan(20);
}, 120_000);

test('killed again and again, it still gets to the end', async () => {
  const { rope, before } = await brokenTree();
  const request = { ...rope.target, operation: 'interrupted' };
  for (const killAt of [3, 9, 5, 14, 7, 20]) restoreInProcess(rope, request, killAt);
  expect(await rope.restore(request)).toMatchObject({ result: 'complete' });
  expect(treeValue(rope.tree)).toEqual(before);
  expect(rope.leftBehind()).toEqual([]);
}, 60_000);

test('what an interrupted restore left beside the files is seen by no snapshot and no look', async () => {
  const { rope } = await brokenTree();
  restoreInProcess(rope, { ...rope.target, operation: 'interrupted' }, 8);
  expect(rope.leftBehind()).not.toEqual([]);
  await rope.take();
  expect(await rope.runs.look('run', false)).toMatchObject({ value: { created: 0, changed: 0, deleted: 0 } });
  for (const name of rope.leftBehind()) unlinkSync(rope.at(name));
  expect(await rope.runs.look('run', false)).toMatchObject({ value: { created: 0, changed: 0, deleted: 0 } });
});
