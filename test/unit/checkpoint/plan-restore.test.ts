import { chmodSync, readdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FollowRuns } from '../../../src/checkpoint/follow-runs.ts';
import { planRestore } from '../../../src/checkpoint/plan-restore.ts';
import type { RestorePlan } from '../../../src/checkpoint/snapshot.ts';
import { type Bench, bench, taken, unwrap, write } from './snapshot.fixture.ts';

/** The plan for a tree that `act` changed. */
async function planned(made: Bench, act: () => void, diffBytesMax = 0): Promise<RestorePlan> {
  const { snapshot } = await taken(made, { budget: { bytes: 1_000_000, files: 1_000, ms: 60_000 } });
  const runs = new FollowRuns(made.store);
  unwrap(await runs.follow('r1', [{ snapshot: snapshot.id, lists: [] }]));
  act();
  const { list = '' } = unwrap(await runs.look('r1', true));
  const target = { snapshot: snapshot.id, lists: [list], expected: { lists: [list] } };
  return unwrap(await planRestore(made.store, target, { diffBytesMax }));
}

test('each file with what becomes of it and how large it is then', async () => {
  const made = bench({ changed: 'before', gone: 'gone', mode: 'same' });
  const plan = await planned(made, () => {
    write(made.tree, { changed: 'x', 'new/file': 'new' });
    unlinkSync(join(made.tree, 'gone'));
    chmodSync(join(made.tree, 'mode'), 0o600);
  });
  expect(plan).toEqual({
    create: 1,
    change: 2,
    delete: 2,
    bytes: 14,
    files: [
      { path: join(made.tree, 'changed'), action: 'change', bytes: 6 },
      { path: join(made.tree, 'gone'), action: 'create', bytes: 4 },
      { path: join(made.tree, 'mode'), action: 'change', bytes: 4 },
      { path: join(made.tree, 'new'), action: 'delete', bytes: 0 },
      { path: join(made.tree, 'new/file'), action: 'delete', bytes: 0 },
    ],
    conflicts: { count: 0, shown: [] },
    lost: [],
    lostCount: 0,
  });
});

test('the diff goes from now to then, of text files only', async () => {
  const made = bench({ text: 'one\ntwo\n', binary: 'a\0b', mode: 'same' });
  const plan = await planned(
    made,
    () => {
      write(made.tree, { text: 'one\n2\n', binary: 'a\0c', new: 'new\n' });
      symlinkSync('text', join(made.tree, 'link'));
      chmodSync(join(made.tree, 'mode'), 0o600);
    },
    10_000,
  );
  const at = (name: string): string => join(made.tree, name);
  expect(plan.diffCut).toBe(false);
  expect(plan.diff).toBe(
    `--- a${at('new')}\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-new\n` +
      `--- a${at('text')}\n+++ b${at('text')}\n@@ -1,2 +1,2 @@\n one\n-2\n+two\n`,
  );
});

test('a diff that grows too long ends before a file, and says so', async () => {
  const made = bench({ a: 'a\n', b: 'b\n' });
  const plan = await planned(made, () => write(made.tree, { a: '1\n', b: '2\n' }), 200);
  expect(plan.diffCut).toBe(true);
  expect(plan.diff?.match(/^---/gm)).toHaveLength(1);
});

test('a file over the budget is lost when it is gone, and says why', async () => {
  const made = bench({ large: Buffer.alloc(2_000_000), small: 'small' });
  const plan = await planned(made, () => {
    for (const name of ['large', 'small']) unlinkSync(join(made.tree, name));
  });
  expect(plan).toMatchObject({ create: 1, lostCount: 1 });
  expect(plan.lost).toEqual([
    { path: join(made.tree, 'large'), reason: expect.stringMatching(/^not in the snapshot: .*budget/) },
  ]);
});

test('a content that the store lost is lost before anything is touched', async () => {
  const made = bench({ file: 'before' });
  const plan = await planned(made, () => {
    write(made.tree, { file: 'after' });
    for (const name of readdirSync(join(made.folder, 'packs'))) unlinkSync(join(made.folder, 'packs', name));
  });
  expect(plan).toMatchObject({ change: 0, lostCount: 1, conflicts: { count: 0 } });
  expect(plan.lost[0]?.reason).toBe('its content is missing from the snapshot store');
});
