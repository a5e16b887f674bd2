/** A host takes runs back on real files: conflicts, what fails on the way, questions, reboots, a second host. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Snapshots } from '../../../../src/checkpoint/snapshot.ts';
import { err, ok } from '../../../../src/engine/core/failure.ts';
import { FilesWorld } from './files-world.ts';

const step = (id: string, more: object = {}) => ({ id, command: id, ...more });

/** One step that has changed a file, made one and removed one; and the tree before it. */
async function changed(world: FilesWorld, more: object = {}): Promise<{ run: string; before: object }> {
  const before = world.look();
  const run = await world.begin({ steps: [step('a', more)] });
  await world.perform('a', () => {
    world.write('one', 'by the run');
    world.write('new', 'by the run');
    world.remove('two');
  });
  await world.over(run);
  return { run, before };
}

const text = (world: FilesWorld, path: string): string => readFileSync(join(world.tree, path), 'utf8');

test('the files come back as they were, and the rescue holds them as they are before that', async () => {
  const world = new FilesWorld();
  world.host();
  const { run, before } = await changed(world);
  expect(await world.rollback(run)).toBe('rolled_back');
  expect(world.look()).toEqual(before);
  const rescue = world.state(run).rescue;
  expect(rescue?.taken).toMatchObject({ why: 'rescue', files: 3 });
  const restored = { type: 'restore.finished', result: 'complete', created: 1, changed: 1, deleted: 1 };
  expect(world.events(run)).toContainEqual(expect.objectContaining(restored));
});

test('a file that others have changed since stops it before anything is touched', async () => {
  const world = new FilesWorld();
  world.host();
  const { run } = await changed(world);
  world.write('one', 'by others, later');
  const found = world.look();
  expect(await world.rollback(run)).toBe('stuck');
  expect(world.state(run).reason).toContain('1 file was changed by others since');
  expect(world.look()).toEqual(found);
  expect(world.state(run).unwound?.rescue?.taken.conflicts).toMatchObject({
    count: 1,
    shown: [{ path: join(world.tree, 'one'), found: 'changed' }],
  });
  expect(world.steps(run)).toEqual({ a: 'succeeded' });
});

test('kept: their file stays as they left it, everything else comes back', async () => {
  const world = new FilesWorld();
  world.host();
  const { run, before } = await changed(world);
  world.write('one', 'by others, later');
  expect(await world.rollback(run)).toBe('stuck');
  expect(await world.rollback(run, { on_conflict: 'keep' })).toBe('rolled_back');
  expect(text(world, 'one')).toBe('by others, later');
  const { '/one': theirs, '': folder, ...others } = world.look() as { [path: string]: object };
  expect(before).toMatchObject(others);
  expect(Object.keys(others)).toEqual(['/two']);
});

test('overwritten: all is as it was, and their file is in the rescue', async () => {
  const world = new FilesWorld();
  world.host();
  const { run, before } = await changed(world);
  world.write('one', 'by others, later');
  expect(await world.rollback(run, { on_conflict: 'overwrite' })).toBe('rolled_back');
  expect(world.look()).toEqual(before);
  const snapshot = world.state(run).rescue?.taken.snapshot ?? '';
  const back = { snapshot, lists: listsOf(world, run), expected: { snapshot }, operation: 'back-again' };
  expect(await world.snapshots.restore(back)).toMatchObject(ok({ result: 'complete' }));
  expect(text(world, 'one')).toBe('by others, later');
});

const listsOf = (world: FilesWorld, run: string): readonly string[] =>
  world.state(run).changes.flatMap(({ note }) => note.list ?? []);

test('a captured state that cannot be given back leaves it stuck; the next rollback goes on from there', async () => {
  const world = new FilesWorld();
  world.host();
  const state = join(world.folder, 'state');
  writeFileSync(state, 'before');
  const checkpoint = { capture: `cat '${state}'`, restore: `test -e '${state}' && cat > '${state}'` };
  const { run, before } = await changed(world, { checkpoint });
  rmSync(state);
  expect(await world.rollback(run)).toBe('stuck');
  expect(world.state(run).reason).toMatch(/restoring `a` failed: restore of `a` failed: exit code 1/);
  expect(world.events(run)).toContainEqual(
    expect.objectContaining({ type: 'restore.finished', result: 'partial', created: 1 }),
  );
  expect(world.look()).toEqual(before);
  writeFileSync(state, 'after');
  expect(await world.rollback(run)).toBe('rolled_back');
  expect(readFileSync(state, 'utf8')).toBe('before');
  expect(world.look()).toEqual(before);
});

test('what a rollback has restored before it got stuck is no conflict for the next one', async () => {
  const world = new FilesWorld();
  let restores = 0;
  const failure = { code: 'disk_full', retry: 'again' as const, message: 'the disk is full' };
  const restore: typeof world.snapshots.restore = async (request) => {
    restores += 1;
    return restores === 2 ? err(failure) : world.snapshots.restore(request);
  };
  world.host({ snapshots: { ...world.snapshots, restore } });
  const before = world.look();
  const second = { checkpoint: { capture: 'true', restore: 'true' } };
  const run = await world.begin({ steps: [step('a', { checkpoint: true }), step('b', second)] });
  await world.perform('a', () => world.write('one', 'by a'));
  await world.perform('b', () => world.write('one', 'by b'));
  await world.over(run);
  expect(await world.rollback(run)).toBe('stuck');
  expect(world.state(run).reason).toContain('restoring `a` failed: the disk is full');
  expect(text(world, 'one')).toBe('by a');
  expect(await world.rollback(run)).toBe('rolled_back');
  expect(world.look()).toEqual(before);
});

test('an undo beside files is told apart from what the restore changes', async () => {
  const world = new FilesWorld();
  world.host();
  const before = world.look();
  const run = await world.begin({
    steps: [step('first', { undo: 'back' }), step('a', { checkpoint: true })],
  });
  await world.perform('first');
  await world.perform('a', () => world.write('one', 'by the run'));
  await world.over(run);
  const rolled = world.rollback(run);
  await world.perform('back');
  expect(await rolled).toBe('rolled_back');
  expect(world.look()).toEqual(before);
  expect(world.state(run).byKey.get('undo:first')?.changes).toBeUndefined();
});

test('a question that is open is withdrawn, and what came before it is taken back', async () => {
  const world = new FilesWorld();
  world.host();
  const before = world.look();
  const ask = { id: 'go', type: 'approval', message: 'go on?' };
  const run = await world.begin({ steps: [step('a'), ask, step('b')] });
  await world.perform('a', () => world.write('one', 'by the run'));
  await world.until(() => world.status(run) === 'waiting');
  expect(await world.rollback(run)).toBe('rolled_back');
  expect([...world.state(run).questions.values()].map(({ status }) => status)).toEqual(['withdrawn']);
  expect(world.machine.started).toEqual(['a']);
  expect(world.look()).toEqual(before);
});

test('files of a step that a reboot cut off come back too', async () => {
  const world = new FilesWorld();
  const first = world.host();
  const before = world.look();
  const run = await world.begin({ steps: [step('a')] });
  await world.until(() => world.machine.running.includes('a'));
  world.write('one', 'half');
  first.die();
  world.machine.reboot();
  world.write('half', 'done');
  world.host();
  expect(await world.over(run)).toBe('paused');
  expect(world.steps(run)).toEqual({ a: 'interrupted' });
  expect(await world.rollback(run, { strategy: 'immediate' })).toBe('rolled_back');
  expect(world.look()).toEqual(before);
});

test('what it wrote to a file after the last look is not somebody else’s', async () => {
  const world = new FilesWorld();
  const first = world.host();
  const before = world.look();
  const run = await world.begin({ steps: [step('z'), { id: 'side', parallel: [step('a'), step('b')] }] });
  await world.perform('z');
  await world.until(() => world.machine.running.length === 2);
  await world.pass(1_000);
  await world.perform('a', () => world.write('one', 'by b'));
  await world.until(() => world.steps(run).a === 'succeeded');
  expect(world.state(run).changes).toHaveLength(1);
  first.die();
  world.write('one', 'by b, and more');
  world.machine.reboot();
  world.host();
  await world.over(run);
  expect(await world.rollback(run)).toBe('rolled_back');
  expect(world.look()).toEqual(before);
});

test('the next host goes on in the middle of a restore, under the same name', async () => {
  const world = new FilesWorld();
  const operations: string[] = [];
  const first = world.host({
    snapshots: {
      ...world.snapshots,
      // it does its work, and its host never hears of it
      restore: async (request) => {
        operations.push(request.operation);
        await world.snapshots.restore(request);
        return new Promise(() => {});
      },
    },
  });
  const { run, before } = await changed(world);
  await world.ask(run, { type: 'unwind.requested', strategy: 'graceful', by: 'ann' });
  await world.until(() => !existsSync(join(world.tree, 'new')));
  first.die();
  const restore: typeof world.snapshots.restore = (request) => {
    operations.push(request.operation);
    return world.snapshots.restore(request);
  };
  world.host({ snapshots: { ...world.snapshots, restore } });
  expect(await world.over(run)).toBe('rolled_back');
  expect(world.look()).toEqual(before);
  expect(operations).toHaveLength(2);
  expect(new Set(operations).size).toBe(1);
  expect(world.events(run).filter(({ type }) => type === 'restore.started')).toHaveLength(1);
  // also what the first one did, though it never said so
  expect(world.events(run)).toContainEqual(
    expect.objectContaining({ type: 'restore.finished', created: 1, changed: 1, deleted: 1 }),
  );
});

test('what an earlier host has half restored is nobody else’s work', async () => {
  const world = new FilesWorld();
  const first = world.host({
    snapshots: {
      ...world.snapshots,
      // the content of one file is there, its time not yet
      restore: () => {
        world.write('one', 'one');
        return new Promise(() => {});
      },
    },
  });
  const { run, before } = await changed(world);
  await world.ask(run, { type: 'unwind.requested', strategy: 'graceful', by: 'ann' });
  await world.until(() => text(world, 'one') === 'one');
  first.die();
  world.host();
  expect(await world.over(run)).toBe('rolled_back');
  expect(world.look()).toEqual(before);
});

test('with no slot free it waits for one, and does not give up', async () => {
  const world = new FilesWorld();
  world.host({ slots: { host: 1, run: 1 } });
  const run = await world.begin({ checkpoints: false, steps: [step('a', { undo: 'back' })] });
  await world.perform('a');
  const other = await world.begin({ checkpoints: false, steps: [step('b')] });
  await world.until(() => world.machine.running.includes('b'));
  await world.ask(run, { type: 'unwind.requested', strategy: 'graceful', by: 'ann' });
  expect(world.status(run)).toBe('rolling_back');
  expect(world.machine.running).toEqual(['b']);
  await world.perform('b');
  expect(world.status(other)).toBe('succeeded');
  await world.perform('back');
  expect(world.status(run)).toBe('rolled_back');
});

test('work that others did on a file of the run while the undos ran stops the restore', async () => {
  const world = new FilesWorld();
  // theirs comes between the look after the undo and the restore
  const theirs: Snapshots = {
    ...world.snapshots,
    plan: async (target, show) => {
      const [{ runId = '' } = {}] = world.store.runs({ limit: 1 }).runs;
      const isRestoring = world.events(runId).some(({ type }) => type === 'restore.started');
      if (isRestoring) world.write('one', 'theirs');
      return world.snapshots.plan(target, show);
    },
  };
  world.host({ snapshots: theirs });
  const run = await world.begin({ steps: [step('a', { checkpoint: true })] });
  await world.perform('a', () => world.write('one', 'by the run'));
  await world.over(run);
  expect(await world.rollback(run)).toBe('stuck');
  expect(world.state(run).reason).toContain('changed by others while the run was taken back');
  expect(text(world, 'one')).toBe('theirs');
});

test('an undo speaks of the inputs that its step ran with, whatever they are now', async () => {
  const world = new FilesWorld();
  world.host();
  const undo = 'undo {{ inputs.where }}';
  const definition = {
    inputs: { where: { type: 'string' } },
    steps: [step('a', { undo }), step('b', { irreversible: 'no way back' })],
  };
  const run = await world.begin(definition, { inputs: { where: 'staging' } });
  await world.perform('a');
  await world.perform('b', () => {}, 1);
  await world.over(run);
  await world.ask(run, { type: 'run.resumed', by: 'ann', inputs: { where: 'prod' } });
  await world.perform('b');
  await world.over(run);
  await world.ask(run, { type: 'unwind.requested', strategy: 'graceful', by: 'ann' });
  await world.until(() => world.machine.running.some((script) => script.startsWith('undo')));
  const undoing = [...world.machine.processes.values()].find(({ script }) => script.startsWith('undo'));
  expect(Object.values(undoing?.spec.env ?? {})).toContain('staging');
});

test('after a rollback to a checkpoint was itself taken back, the next one brings the files back again', async () => {
  const world = new FilesWorld();
  world.host();
  const { run, before } = await changed(world, { checkpoint: { name: 'c1' } });
  const after = world.look();
  const back = () => world.rollback(run, { strategy: 'checkpoint', checkpoint: 'c1' });
  const lists = listsOf(world, run);
  expect(await back()).toBe('paused');
  expect(world.look()).toEqual(before);
  const { id, taken } = world.state(run).rescue!;
  await world.ask(run, { type: 'restore.started', checkpoint: id, operation: 'once' });
  const snapshot = taken.snapshot;
  await world.snapshots.restore({ snapshot, lists, expected: { snapshot }, operation: 'once' });
  expect(world.look()).toEqual(after);
  expect(await back()).toBe('paused');
  expect(world.look()).toEqual(before);
});

test('what a step did with inputs that it has no more is said to stay', async () => {
  const world = new FilesWorld();
  world.host();
  const definition = { inputs: { where: { type: 'string' } }, steps: [step('a', { undo: 'back' })] };
  const run = await world.begin(definition, { inputs: { where: 'staging' } });
  await world.perform('a');
  await world.over(run);
  await world.ask(run, { type: 'run.resumed', by: 'ann', from_step: 'a', inputs: { where: 'prod' } });
  await world.perform('a');
  await world.over(run);
  await world.ask(run, { type: 'unwind.requested', strategy: 'graceful', by: 'ann' });
  await world.perform('back');
  expect(await world.over(run)).toBe('rolled_back');
  expect(world.state(run).reason).toContain('what `a` did before it ran again in another way stays');
});
