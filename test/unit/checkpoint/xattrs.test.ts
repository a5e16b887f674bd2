/** Extended attributes through the tools of the platform, where they are. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { attributesMissing, readAttributes, writeAttributes } from '../../../src/checkpoint/xattrs.ts';
import { bench, scratch, taken } from './snapshot.fixture.ts';

const ODD = 'odd\nname\\=\xff';

/** False where the tools or the file system know no attributes. */
function set(path: string, name: string, value: string): boolean {
  return spawnSync('setfattr', ['-h', '-n', name, '-v', value, path]).status === 0;
}

beforeEach((context) => {
  const path = join(scratch(), 'probe');
  writeFileSync(path, '');
  if (attributesMissing('setfattr') !== undefined || !set(path, 'user.probe', '1'))
    context.skip('no extended attributes here');
});

test('what is written comes back, whatever the name; what is too much goes', () => {
  const root = scratch();
  const paths = [join(root, 'plain'), join(root, ODD), join(root, 'none')] as const;
  for (const path of paths) writeFileSync(Buffer.from(path, 'latin1'), '');
  const wanted = new Map([
    [paths[0], { 'user.a': 'AAEC', 'user.b=c': '' }],
    [paths[1], { 'user.a': 'w6k=' }],
  ]);
  expect(writeAttributes(wanted)).toEqual([]);
  expect(readAttributes(paths)).toEqual(wanted);
  const less = new Map([[paths[0], { 'user.a': 'AAEC' }]]);
  expect(writeAttributes(less)).toEqual([]);
  expect(readAttributes([paths[0]])).toEqual(less);
});

test('what cannot be written is named', () => {
  const path = join(scratch(), 'not-there');
  expect(writeAttributes(new Map([[path, { 'user.a': 'AA==' }]]))).toEqual([path]);
});

test('a snapshot holds them, and takes them over for what did not change', async () => {
  const at = bench({ a: 'x', b: 'y' });
  set(join(at.tree, 'a'), 'user.tag', 'v');
  for (let round = 0; round < 2; round += 1) {
    const { manifest } = await taken(at);
    expect(manifest.entry(join(at.tree, 'a'))?.xattrs).toEqual({
      'user.tag': Buffer.from('v').toString('base64'),
    });
    expect(manifest.entry(join(at.tree, 'b'))?.xattrs).toBeUndefined();
    expect(manifest.notes).toEqual([]);
  }
});
