/** A real full disk: a small memory file system that only the test's own process sees. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from './store.fixture.ts';

const PROGRAM = join(import.meta.dirname, 'full-disk.process.ts');

const inside = (disk: string, command: string[]) =>
  spawnSync(
    'unshare',
    ['-Urm', 'sh', '-c', 'mount -t tmpfs -o size=620k none "$0" && exec "$@"', disk, ...command],
    { encoding: 'utf8' },
  );

test('a full disk refuses, loses nothing, can be read, and goes on when there is room', (context) => {
  const disk = join(scratch(), 'disk');
  mkdirSync(disk);
  if (inside(disk, ['true']).status !== 0) context.skip('this machine allows no mount in a user namespace');
  const { stdout, stderr } = inside(disk, [process.execPath, PROGRAM, disk]);
  expect(stderr).toBe('');
  const found = JSON.parse(stdout);
  const full = expect.stringMatching(/^the disk that holds data folder `.*` is full$/);
  const refused = { ok: false, error: { kind: 'storage', message: full } };
  expect(found.refused.answers).toEqual([refused, refused]);
  const acknowledged = found.refused.acknowledged;
  expect(acknowledged).toBeGreaterThan(10);
  expect(found).toMatchObject({
    readable: acknowledged,
    readOnly: acknowledged,
    blob: full,
    fresh: 'disk_full',
    again: true,
    kept: acknowledged + 1,
    afterStop: acknowledged + 1,
    writer: false,
  });
});
