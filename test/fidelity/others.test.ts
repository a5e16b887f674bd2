import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { age, put } from './files.ts';
import { Rope } from './rope.ts';
import { treeValue } from './tree.ts';

/** Four files that a run changed, deleted and created; the fourth is left alone. */
async function brokenTree(): Promise<Rope> {
  const rope = new Rope();
  put(rope.at('edited'), 'before');
  put(rope.at('removed'), 'before');
  put(rope.at('untouched'), 'before');
  await rope.take();
  await rope.step(() => {
    put(rope.at('edited'), 'by the run');
    unlinkSync(rope.at('removed'));
    put(rope.at('made'), 'by the run');
  });
  return rope;
}

test('files that others made in a folder of the run stay, and so does the folder', async () => {
  const rope = await brokenTree();
  await rope.step(() => put(rope.at('new/deep/file'), 'by the run'));
  put(rope.at('new/deep/theirs'), 'by somebody');
  const reason = 'not empty: holds `theirs`, which the run did not create';
  expect(await rope.plan()).toMatchObject({
    lostCount: 2,
    lost: [
      { path: rope.at('new'), reason: 'not empty: holds `deep`, which stays' },
      { path: rope.at('new/deep'), reason },
    ],
  });
  expect(await rope.restore()).toMatchObject({ result: 'partial', kept: 2, problemCount: 2 });
  expect(Object.keys(treeValue(rope.tree))).toEqual([
    '',
    '/edited',
    '/new',
    '/new/deep',
    '/new/deep/theirs',
    '/removed',
    '/untouched',
  ]);
});

test('what others changed after the run is a conflict, each kind by its name', async () => {
  const rope = await brokenTree();
  put(rope.at('edited'), 'by somebody');
  put(rope.at('removed'), 'by somebody');
  unlinkSync(rope.at('made'));
  put(rope.at('untouched'), 'by somebody');
  const { conflicts, ...plan } = await rope.plan();
  expect(conflicts.shown).toEqual([
    { path: rope.at('edited'), found: 'changed' },
    { path: rope.at('removed'), found: 'created' },
  ]);
  expect(plan).toMatchObject({ create: 0, change: 2, delete: 0 });
});

test('conflicts that are kept stay as they are, the rest goes back', async () => {
  const rope = await brokenTree();
  put(rope.at('edited'), 'by somebody');
  const { list } = (await rope.plan()).conflicts;
  if (list === undefined) throw new Error('no list of conflicts');
  expect(await rope.restore({ keep: list })).toEqual({
    result: 'partial',
    created: 1,
    changed: 0,
    deleted: 1,
    kept: 1,
    problems: [{ path: rope.at('edited'), reason: 'kept as somebody else left it' }],
    problemCount: 1,
  });
  expect(readFileSync(rope.at('edited'), 'utf8')).toBe('by somebody');
  expect(readFileSync(rope.at('removed'), 'utf8')).toBe('before');
});

test('conflicts that are not kept are overwritten, and nothing beside them', async () => {
  const rope = await brokenTree();
  put(rope.at('edited'), 'by somebody');
  put(rope.at('removed'), 'by somebody');
  put(rope.at('untouched'), 'by somebody');
  expect(await rope.restore()).toMatchObject({ result: 'complete' });
  const contents = ['edited', 'removed', 'untouched'].map((name) => readFileSync(rope.at(name), 'utf8'));
  expect(contents).toEqual(['before', 'before', 'by somebody']);
});

test('a file that was only touched since is no conflict, one whose permissions changed is', async () => {
  const rope = await brokenTree();
  age(rope.at('edited'), 1_000);
  chmodSync(rope.at('made'), 0o600);
  expect((await rope.plan()).conflicts.shown).toEqual([{ path: rope.at('made'), found: 'changed' }]);
});

test('changes that were forgotten are nobody’s to take back', async () => {
  const rope = await brokenTree();
  put(rope.at('theirs'), 'by somebody');
  put(rope.at('untouched'), 'by somebody');
  expect(await rope.runs.look('run', false)).toMatchObject({ value: { created: 1, changed: 1 } });
  await rope.step(() => put(rope.at('later'), 'by the run'));
  expect(await rope.restore()).toMatchObject({ result: 'complete', created: 1, changed: 1, deleted: 2 });
  expect(readFileSync(rope.at('theirs'), 'utf8')).toBe('by somebody');
  expect(readFileSync(rope.at('untouched'), 'utf8')).toBe('by somebody');
});

test('a folder that others turned into a link is not followed', async () => {
  const rope = new Rope();
  put(rope.at('folder/edited'), 'before');
  put(rope.at('folder/removed'), 'before');
  await rope.take();
  await rope.step(() => {
    put(rope.at('folder/edited'), 'by the run');
    put(rope.at('folder/made'), 'by the run');
    unlinkSync(rope.at('folder/removed'));
  });
  const elsewhere = join(dirname(rope.tree), 'elsewhere');
  renameSync(rope.at('folder'), elsewhere);
  symlinkSync(elsewhere, rope.at('folder'));
  const before = treeValue(elsewhere);
  const reason = `its folder \`${rope.at('folder')}\` is a file or a link now`;
  expect(await rope.plan()).toMatchObject({ create: 0, change: 0, delete: 0, lostCount: 2 });
  expect(await rope.restore()).toMatchObject({
    result: 'partial',
    problems: [
      { path: rope.at('folder/edited'), reason },
      { path: rope.at('folder/removed'), reason },
    ],
  });
  expect(treeValue(elsewhere)).toEqual(before);
});

test('a folder that others removed is a conflict, and comes back when it is overruled', async () => {
  const rope = new Rope();
  put(rope.at('a/b/edited'), 'before');
  chmodSync(rope.at('a/b'), 0o750);
  await rope.take();
  await rope.step(() => put(rope.at('a/b/edited'), 'by the run'));
  const before = treeValue(rope.at('a/b'), { folderTimes: false });
  rmSync(rope.at('a'), { recursive: true });
  const plan = await rope.plan();
  expect(plan.files.map(({ path }) => path)).toEqual(['a', 'a/b', 'a/b/edited'].map((path) => rope.at(path)));
  expect(plan.conflicts.shown.map(({ found }) => found)).toEqual(['deleted', 'deleted', 'deleted']);
  expect(await rope.restore()).toMatchObject({ result: 'complete', created: 3 });
  expect(Object.keys(treeValue(rope.at('a/b')))).toEqual(Object.keys(before));
  expect(readFileSync(rope.at('a/b/edited'), 'utf8')).toBe('before');
});

test('what a scope excludes, or does not contain, is left alone', async () => {
  const rope = new Rope();
  for (const name of ['in/file', 'in/skipped/file', 'out/file']) put(rope.at(name), 'before');
  await rope.take();
  const wide = rope.snapshot;
  await rope.step(() => {
    for (const name of ['in/file', 'in/skipped/file', 'out/file', 'in/skipped/new'])
      put(rope.at(name), 'by the run');
  });
  const { lists } = rope.target;
  await rope.restore({ snapshot: wide });
  await rope.take({ roots: [rope.at('in')], exclude: ['skipped'] });
  for (const name of ['in/file', 'in/skipped/file', 'out/file', 'in/skipped/new'])
    put(rope.at(name), 'by the run');
  expect(await rope.restore({ lists, expected: { lists } })).toMatchObject({
    result: 'complete',
    created: 0,
    changed: 1,
    deleted: 0,
  });
  expect(readFileSync(rope.at('in/file'), 'utf8')).toBe('before');
  expect(readFileSync(rope.at('in/skipped/new'), 'utf8')).toBe('by the run');
});

test('a rollback can be taken back: from the rescue snapshot, with the snapshot as what is expected', async () => {
  const rope = await brokenTree();
  mkdirSync(rope.at('empty'));
  const broken = treeValue(rope.tree);
  const { snapshot, lists } = rope.target;
  await rope.take();
  const rescue = rope.snapshot;
  const before = { snapshot, lists, expected: { lists } };
  const after = { snapshot: rescue, lists, expected: { snapshot } };
  for (let round = 1; round <= 3; round += 1) {
    expect(await rope.restore(before)).toMatchObject({ result: 'complete' });
    expect(readFileSync(rope.at('edited'), 'utf8')).toBe('before');
    expect(await rope.restore(after)).toMatchObject({ result: 'complete' });
    expect(treeValue(rope.tree)).toEqual(broken);
  }
});
