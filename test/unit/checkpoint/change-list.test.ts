import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type Change,
  readChangeList,
  readListHeader,
  writeChangeList,
} from '../../../src/checkpoint/change-list.ts';
import type { Entry } from '../../../src/checkpoint/entry.ts';
import { makeStoreFolders } from '../../../src/checkpoint/store-folder.ts';
import { failureOf, scratch, unwrap } from './snapshot.fixture.ts';

const after: Entry = {
  path: '/t/a\n\xff"',
  type: 'file',
  mode: 0o4755,
  uid: 1,
  gid: 2,
  size: 2 ** 40,
  mtimeNs: -1_795_255_090_545_266_243n,
  ctimeNs: 1_795_255_090_545_266_243n,
  inode: 2n ** 63n,
  hash: 'ab'.repeat(32),
};
const { hash: _, ...link } = { ...after, path: '/t/b', type: 'symlink' as const, target: '\xe9\n' };
const changes: readonly Change[] = [
  { path: after.path, kind: 'created', after },
  { path: link.path, kind: 'changed', after: link },
  { path: '/t/c', kind: 'deleted' },
];
const header = { runId: 'r1', takenAt: 1_795_255_090_545 };

function folderWithList(): { readonly folder: string; readonly id: string } {
  const folder = scratch();
  makeStoreFolders(folder);
  return { folder, id: unwrap(writeChangeList(folder, header, changes, ['/t', '/t/\xff'])) };
}

test('a list comes back as it was written, to the nanosecond and the byte', () => {
  const { folder, id } = folderWithList();
  expect(unwrap(readChangeList(folder, id))).toEqual({
    header: { ...header, count: 3, touched: 2 },
    changes,
    touched: ['/t', '/t/\xff'],
  });
});

test('a page of a list holds changes only', () => {
  const { folder, id } = folderWithList();
  expect(unwrap(readChangeList(folder, id, 1, 1)).changes).toEqual([changes[1]]);
  expect(unwrap(readChangeList(folder, id, 2, 9)).changes).toEqual([changes[2]]);
  expect(unwrap(readChangeList(folder, id, 3, 9)).changes).toEqual([]);
});

test('whose list it is can be read without its rows', () => {
  const { folder, id } = folderWithList();
  expect(readListHeader(folder, id)).toEqual({ ...header, count: 3, touched: 2 });
  expect(readListHeader(folder, 'none')).toBeUndefined();
});

test('every damaged byte and every missing end is found', () => {
  const { folder, id } = folderWithList();
  const path = join(folder, 'lists', id);
  const bytes = readFileSync(path);
  const start = bytes.indexOf('\n') + 1;
  for (let at = start; at < bytes.length; at += 1) {
    writeFileSync(
      path,
      bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)),
    );
    const read = readChangeList(folder, id);
    // A few bits of a frame's head mean nothing: what is read is right or refused.
    if (read.ok) expect(read.value.changes).toEqual(changes);
    writeFileSync(path, bytes.subarray(0, at));
    expect(failureOf(readChangeList(folder, id))).toMatchObject({ code: 'checkpoint_unreadable' });
  }
});

test('a list that is not there, or whose name is a path, is refused by name', () => {
  const { folder } = folderWithList();
  for (const id of ['gone', '../lock', ''])
    expect(failureOf(readChangeList(folder, id))?.message).toBe(`change list \`${id}\` is not in the store`);
});
