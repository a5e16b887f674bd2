/** A real full disk under the data folder: what a step hands out finds no room, what is kept of another one neither. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'full-disk.process.ts');

/** Well below the time of the test. */
const HUNG_MS = 50_000;

const inside = (disk: string, ...command: readonly string[]) =>
  spawnSync(
    'unshare',
    ['-Urm', 'sh', '-c', 'mount -t tmpfs -o size=32m none "$0" && exec "$@"', disk, ...command],
    // it is waited for without looking elsewhere: nothing else could end one that hangs
    { encoding: 'utf8', timeout: HUNG_MS, killSignal: 'SIGKILL' },
  );

test('the step that finds no room says so, the journal is whole, and with room the run goes on', (context) => {
  const above = mkdtempSync(join(tmpdir(), 'belay-full-'));
  onTestFinished(() => rmSync(above, { recursive: true, force: true }));
  const [disk, work] = [join(above, 'disk'), join(above, 'work')];
  for (const folder of [disk, work]) mkdirSync(folder);
  if (inside(disk, 'true').status !== 0) context.skip('this machine allows no mount in a user namespace');
  const { stdout, stderr } = inside(disk, process.execPath, PROGRAM, disk, work);
  expect(stdout, stderr).toMatch(/^\{/);
  expect(JSON.parse(stdout)).toEqual({
    full: {
      status: 'failed',
      steps: ['succeeded', 'failed', 'pending'],
      error: expect.objectContaining({
        code: 'artifact_failed',
        message: expect.stringContaining('data folder is full'),
      }),
    },
    kept: 0,
    isReadable: true,
    bytes: 3_000_000,
    resumed: { status: 'succeeded', steps: ['succeeded', 'succeeded', 'succeeded'] },
    again: 'succeeded',
    cached: 'cached',
  });
});
