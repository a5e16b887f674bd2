import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, unlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { changesOf, FollowRuns } from '../../../src/checkpoint/follow-runs.ts';
import { openSnapshots } from '../../../src/checkpoint/open-snapshots.ts';
import type { ChangeKind, Changes } from '../../../src/checkpoint/snapshot.ts';
import { type Bench, bench, failureOf, scopeOf, taken, unwrap, write } from './snapshot.fixture.ts';

interface Followed extends Bench {
  readonly runs: FollowRuns;
  readonly snapshot: string;
  look(record?: boolean): Promise<Changes>;
}

async function followed(files: Readonly<Record<string, string>>): Promise<Followed> {
  const made = bench(files);
  const { snapshot } = await taken(made);
  const runs = new FollowRuns(made.store);
  unwrap(await runs.follow('r1', [{ snapshot: snapshot.id, lists: [] }]));
  const look = async (record = true): Promise<Changes> => unwrap(await runs.look('r1', record));
  return { ...made, runs, snapshot: snapshot.id, look };
}

/** What was seen, by the path below the tree. */
const seen = ({ tree }: Bench, { shown }: Changes): Readonly<Record<string, ChangeKind>> =>
  Object.fromEntries(shown.map(({ path, kind }) => [path.slice(tree.length + 1), kind]));

test('each change is seen once, and by its kind', async () => {
  const run = await followed({ kept: '', changed: '1', gone: '', 'folder/inside': '' });
  write(run.tree, { changed: '2', new: '', 'more/inside': '' });
  unlinkSync(join(run.tree, 'gone'));
  rmSync(join(run.tree, 'folder'), { recursive: true });
  const changes = await run.look();
  expect(changes).toMatchObject({ created: 3, changed: 1, deleted: 3 });
  expect(seen(run, changes)).toEqual({
    changed: 'changed',
    folder: 'deleted',
    'folder/inside': 'deleted',
    gone: 'deleted',
    more: 'created',
    'more/inside': 'created',
    new: 'created',
  });
  expect(await run.look()).toEqual({ created: 0, changed: 0, deleted: 0, shown: [] });
});

test('the same size within the same moment is a change all the same', async () => {
  const run = await followed({ file: 'one' });
  const path = join(run.tree, 'file');
  utimesSync(path, 1_000, 1_000);
  await run.look();
  write(run.tree, { file: 'two' });
  utimesSync(path, 1_000, 1_000);
  expect(seen(run, await run.look())).toEqual({ file: 'changed' });
});

test('permissions of a folder are a change, its time is none, another name of a file is one of that name', async () => {
  const run = await followed({ 'a/file': '', 'b/file': '' });
  chmodSync(join(run.tree, 'a'), 0o700);
  utimesSync(join(run.tree, 'b'), 1, 1);
  linkSync(join(run.tree, 'b/file'), join(run.tree, 'b/name'));
  expect(seen(run, await run.look())).toEqual({ a: 'changed', 'b/name': 'created' });
});

test('a renamed folder is everything in it, there and here', async () => {
  const run = await followed({ 'a/b/file': '' });
  renameSync(join(run.tree, 'a'), join(run.tree, 'z'));
  expect(await run.look()).toMatchObject({ created: 3, deleted: 3 });
});

test('what is not recorded has no list, and is forgotten', async () => {
  const run = await followed({ file: '' });
  write(run.tree, { theirs: '' });
  expect(await run.look(false)).toEqual({
    created: 1,
    changed: 0,
    deleted: 0,
    shown: [{ path: join(run.tree, 'theirs'), kind: 'created' }],
  });
  expect(await run.look()).toMatchObject({ created: 0 });
});

test('following again from lists knows what they say', async () => {
  const run = await followed({ kept: '', gone: '', changed: '1' });
  write(run.tree, { changed: '2', new: '', 'short/lived': '' });
  unlinkSync(join(run.tree, 'gone'));
  const { list = '' } = await run.look();
  unlinkSync(join(run.tree, 'new'));
  rmSync(join(run.tree, 'short'), { recursive: true });
  write(run.tree, { gone: 'again' });
  unwrap(await run.runs.follow('r1', [{ snapshot: run.snapshot, lists: [list] }]));
  expect(seen(run, await run.look())).toEqual({
    gone: 'created',
    new: 'deleted',
    short: 'deleted',
    'short/lived': 'deleted',
  });
});

test('scopes that overlap tell of a path once', async () => {
  const run = await followed({ 'a/file': '', 'b/file': '' });
  const inner = await taken(run, { scope: scopeOf(join(run.tree, 'a')) });
  const from = [run.snapshot, inner.snapshot.id].map((snapshot) => ({ snapshot, lists: [] }));
  unwrap(await run.runs.follow('r1', from));
  write(run.tree, { 'a/file': 'x', 'a/new': '', 'b/file': 'x' });
  expect(await run.look()).toMatchObject({ created: 1, changed: 2 });
});

test('looks that are asked for at once are answered in order, through the thread', async () => {
  const run = await followed({ file: '1' });
  const snapshots = openSnapshots(run.folder);
  onTestFinished(() => snapshots.close());
  unwrap(await snapshots.follow('r1', [{ snapshot: run.snapshot, lists: [] }]));
  write(run.tree, { file: '2' });
  const looks = await Promise.all([snapshots.look('r1', true), snapshots.look('r1', true)]);
  expect(looks.map((look) => unwrap(look).changed)).toEqual([1, 0]);
  snapshots.leave('r1');
  expect(failureOf(await snapshots.look('r1', true))?.code).toBe('checkpoint_unreadable');
});

test('all changes of a list can be read, page by page', async () => {
  const run = await followed({});
  write(run.tree, Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`f${1_000 + n}`, ''])));
  const { list = '', shown, created } = await run.look();
  expect([shown.length, created]).toEqual([50, 120]);
  const page = unwrap(changesOf(run.store, list, 100, 50));
  expect(page.total).toBe(120);
  expect(page.changes.map(({ path }) => path).at(-1)).toBe(join(run.tree, 'f1119'));
  expect(page.changes).toHaveLength(20);
});

test('a list that cannot be written loses no change', async () => {
  const run = await followed({ file: '1' });
  const lists = join(run.folder, 'lists');
  write(run.tree, { file: '2' });
  rmSync(lists, { recursive: true });
  write(run.folder, { lists: 'no folder' });
  expect(failureOf(await run.runs.look('r1', true))).toMatchObject({ code: 'checkpoint_unreadable' });
  unlinkSync(lists);
  mkdirSync(lists);
  expect(await run.look()).toMatchObject({ changed: 1 });
});

test('a run that is not followed, or not any more, is a failure', async () => {
  const run = await followed({ file: '' });
  run.runs.leave('r1');
  expect(failureOf(await run.runs.look('r1', true))?.message).toBe('the files of run `r1` are not followed');
  expect(failureOf(await run.runs.follow('r1', [{ snapshot: 'none', lists: [] }]))?.code).toBe(
    'snapshot_gone',
  );
});
