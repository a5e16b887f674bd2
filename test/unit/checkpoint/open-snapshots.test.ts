/** The store behind its thread, as the engine uses it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSnapshots } from '../../../src/checkpoint/open-snapshots.ts';
import type { Snapshots, TakeSnapshot } from '../../../src/checkpoint/snapshot.ts';
import { type Bench, BUDGET, bench, failureOf, scopeOf, unwrap } from './snapshot.fixture.ts';

function opened(files: Readonly<Record<string, string>>): Bench & { readonly snapshots: Snapshots } {
  const at = bench(files);
  const snapshots = openSnapshots(at.folder);
  onTestFinished(() => snapshots.close());
  return { ...at, snapshots };
}

const request = ({ tree }: Bench, more: Partial<TakeSnapshot> = {}): TakeSnapshot => ({
  runId: 'r1',
  scope: scopeOf(tree),
  budget: BUDGET,
  captures: [],
  ...more,
});

test('takes, lists and collects, and nothing is there before the first snapshot', async () => {
  const at = opened({ a: 'alpha' });
  expect(await at.snapshots.list()).toEqual([]);
  const [first, second] = await Promise.all([
    at.snapshots.take(request(at)),
    at.snapshots.take(request(at, { runId: 'r2' })),
  ]);
  const ids = [unwrap(first).id, unwrap(second).id];
  expect((await at.snapshots.list()).map(({ id }) => id)).toEqual(ids);
  expect((await at.snapshots.list('r2')).map(({ id, runId }) => [id, runId])).toEqual([[ids[1], 'r2']]);
  const retention = { ageMs: 1e12, count: 1, bytes: 1e12 };
  const collected = await at.snapshots.collect({ liveRuns: [], retention, now: Date.now(), dryRun: false });
  expect(unwrap(collected)).toMatchObject({ snapshots: 1, left: { snapshots: 1 } });
});

test('a capture comes back as a file that lasts until the store is closed', async () => {
  const at = opened({ a: 'alpha' });
  const dump = join(at.tree, '..', 'dump');
  writeFileSync(dump, 'rows');
  const { id } = unwrap(await at.snapshots.take(request(at, { captures: [dump] })));
  const path = unwrap(await at.snapshots.capture(id, 0));
  expect(readFileSync(path, 'utf8')).toBe('rows');
  expect(statSync(path).mode & 0o777).toBe(0o400);
  expect(failureOf(await at.snapshots.capture(id, 1))).toMatchObject({ code: 'snapshot_gone' });
  expect(failureOf(await at.snapshots.capture('none', 0))).toMatchObject({ code: 'snapshot_gone' });
  await at.snapshots.close();
  expect(readdirSync(join(at.folder, 'tmp'))).toEqual([]);
});

test('a closed store can be used again', async () => {
  const at = opened({ a: 'alpha' });
  unwrap(await at.snapshots.take(request(at)));
  await at.snapshots.close();
  expect(await at.snapshots.list()).toHaveLength(1);
});

test('a call that the end of the store cuts short is told so', async () => {
  const at = opened({ a: 'alpha' });
  const listing = at.snapshots.list();
  const told = expect(listing).rejects.toThrow('the thread of the snapshot store ended');
  await at.snapshots.close();
  await told;
});

test('a store that is idle keeps no process alive', () => {
  const at = bench({ a: 'alpha' });
  const store = JSON.stringify(join(import.meta.dirname, '../../../src/checkpoint/open-snapshots.ts'));
  const script = `import { openSnapshots } from ${store};
    const taken = await openSnapshots(process.argv[1]).take(JSON.parse(process.argv[2]));
    console.log(taken.ok);`;
  const args = ['--input-type=module', '-e', script, at.folder, JSON.stringify(request(at))];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })).toBe('true\n');
});

test('a store whose folder cannot be made fails, and says why', async () => {
  const at = opened({ file: '' });
  const snapshots = openSnapshots(join(at.tree, 'file', 'checkpoints'));
  onTestFinished(() => snapshots.close());
  expect(failureOf(await snapshots.take(request(at)))).toMatchObject({ code: 'checkpoint_unreadable' });
});
