/** When a host takes checkpoints, what it does when it cannot, and which changes it says that steps made. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FilesWorld } from './files-world.ts';

const step = (id: string, more: object = {}) => ({ id, command: id, ...more });

/** What the journal says of the changes of a step, without the folder. */
function changesOf(world: FilesWorld, run: string, key: string) {
  const note = world.state(run).byKey.get(key)?.changes;
  const shown = note?.shown.map(({ path, kind }) => `${kind} ${path.slice(world.tree.length + 1)}`);
  return note && { shown, ...(note.beside && { beside: note.beside }) };
}

test.each([
  { why: 'it covers what it must not', checkpoint: { paths: ['../home'] }, says: 'data folder' },
  { why: 'its capture fails', checkpoint: { capture: 'echo no >&2; exit 7' }, says: 'exit code 7: no' },
])(
  'a checkpoint that was asked for and cannot be taken, because $why: the step does not start',
  async ({ checkpoint, says }) => {
    const world = new FilesWorld();
    world.host();
    const run = await world.begin({ steps: [step('a', { checkpoint })] });
    expect(await world.over(run)).toBe('failed');
    expect(world.machine.started).toEqual([]);
    expect(world.state(run).byKey.get('a')?.failure).toMatchObject({
      code: 'checkpoint_failed',
      message: expect.stringContaining(says),
    });
    expect(world.state(run).reason).toContain('checkpoint `a` could not be taken');
    expect(await world.snapshots.list(run)).toEqual([]);
  },
);

test('one that nobody asked for and that cannot be taken is left out, and the run says so', async () => {
  const world = new FilesWorld();
  world.host();
  const run = await world.begin({ steps: [step('a')] }, { cwd: join(world.folder, 'home') });
  await world.perform('a');
  expect(world.status(run)).toBe('succeeded');
  expect(world.state(run).checkpointSkipped).toContain('data folder');
});

test('where a failure would be rolled back, the automatic one has to be there', async () => {
  const world = new FilesWorld();
  world.host();
  const definition = { on_failure: 'rollback', steps: [step('a')] };
  const run = await world.begin(definition, { cwd: join(world.folder, 'home') });
  await world.over(run);
  expect(world.machine.started).toEqual([]);
});

test('one is taken by itself before the first step that needs it, and no more', async () => {
  const world = new FilesWorld();
  world.host();
  const undone = step('undone', { undo: 'back' });
  const run = await world.begin({ steps: [undone, step('a'), step('b'), step('c', { destructive: true })] });
  for (const script of ['undone', 'a', 'b', 'c']) await world.perform(script);
  const taken = [...world.state(run).checkpoints.values()].map(({ id, taken: { why, step } }) => [
    id,
    why,
    step,
  ]);
  expect(taken).toEqual([
    ['automatic', 'automatic', 'a'],
    ['c', 'destructive', 'c'],
  ]);
});

test.each([
  { paths: ['sub'], link: false, isCovered: false },
  { paths: ['sub', '.'], link: false, isCovered: true },
  { paths: ['.'], link: true, isCovered: true },
  { paths: ['sub'], link: true, isCovered: false },
])(
  'after a checkpoint of $paths the automatic one is due: not where all is covered; through a link: $link',
  async ({ paths, link, isCovered }) => {
    const world = new FilesWorld();
    const name = 'a\\b é';
    mkdirSync(join(world.tree, name, 'sub'), { recursive: true });
    symlinkSync(world.tree, join(world.folder, 'link'));
    const cwd = join(world.folder, link ? 'link' : 'tree', name);
    world.host();
    const steps = [step('a', { checkpoint: { paths } }), step('b'), step('c')];
    const run = await world.begin({ steps }, { cwd });
    for (const script of ['a', 'b', 'c']) await world.perform(script);
    expect([...world.state(run).checkpoints.keys()]).toEqual(isCovered ? ['a'] : ['a', 'automatic']);
  },
);

test('in a loop each turn has its own', async () => {
  const world = new FilesWorld();
  world.host();
  const loop = { id: 'each', foreach: [1, 2], steps: [step('a', { checkpoint: { name: 'here' } })] };
  const run = await world.begin({ steps: [loop] });
  for (const text of ['first', 'second']) await world.perform('a', () => world.write('one', text));
  expect([...world.state(run).checkpoints.keys()]).toEqual(['here[0]', 'here[1]']);
  expect(await world.rollback(run, { strategy: 'checkpoint', checkpoint: 'here[1]' })).toBe('paused');
  expect(world.steps(run)).toMatchObject({ 'a[0]': 'succeeded', 'a[1]': 'pending' });
});

test('a step is tried again without another checkpoint', async () => {
  const world = new FilesWorld();
  world.host();
  const retry = { attempts: 2, delay: '1s', jitter: 0 };
  const run = await world.begin({ steps: [step('a', { checkpoint: true, retry })] });
  await world.perform('a', () => {}, 1);
  await world.until(() => world.state(run).byKey.get('a')?.retryAt !== undefined);
  await world.pass(1_000);
  await world.perform('a');
  expect(await world.over(run)).toBe('succeeded');
  expect(await world.snapshots.list(run)).toHaveLength(1);
});

test('what each step changed is told, whatever made the change', async () => {
  const world = new FilesWorld();
  world.host();
  const run = await world.begin({ steps: [step('a'), step('b'), step('c')] });
  await world.perform('a', () => {
    world.write('one', 'other');
    world.write('new', '');
  });
  await world.perform('b', () => world.remove('two'), 0);
  await world.perform('c');
  expect(await world.over(run)).toBe('succeeded');
  expect(changesOf(world, run, 'a')).toEqual({ shown: ['created new', 'changed one'] });
  expect(changesOf(world, run, 'b')).toEqual({ shown: ['deleted two'] });
  expect(changesOf(world, run, 'c')).toBeUndefined();
});

test('steps side by side are named beside each other', async () => {
  const world = new FilesWorld();
  world.host();
  const side = { id: 'side', parallel: [step('a'), step('b')] };
  const run = await world.begin({ steps: [step('first'), side, step('last')] });
  await world.perform('first');
  await world.until(() => world.machine.running.length === 2);
  // looks that are close together are one
  await world.pass(1_000);
  world.write('by-b', '');
  await world.perform('a');
  await world.until(() => world.steps(run).a === 'succeeded');
  expect(changesOf(world, run, 'a')).toEqual({ shown: ['created by-b'], beside: ['b'] });
});

test('of steps that end at the same moment the last one looks: nothing stays unaccounted', async () => {
  const world = new FilesWorld();
  world.host();
  const parallel = [step('a'), step('b'), step('c')];
  const run = await world.begin({ steps: [step('first'), { id: 'side', parallel }] });
  await world.perform('first');
  await world.until(() => world.machine.running.length === 3);
  await world.pass(1_000);
  await world.perform('a');
  await world.until(() => world.steps(run).a === 'succeeded');
  world.write('one', 'by b');
  world.machine.end('b');
  world.write('two', 'by c');
  world.machine.end('c');
  expect(await world.over(run)).toBe('succeeded');
  expect([...world.state(run).unaccounted]).toEqual([]);
  expect(changesOf(world, run, 'c')).toEqual({ shown: ['changed one', 'changed two'], beside: ['b'] });
});

test('what others change between two steps is not the run’s', async () => {
  const world = new FilesWorld();
  world.host();
  const nap = { id: 'nap', type: 'wait', for: '1m' };
  const run = await world.begin({ steps: [step('a'), nap, step('b')] });
  await world.perform('a', () => world.write('one', 'by a'));
  await world.until(() => world.steps(run).nap === 'waiting' || world.steps(run).nap === 'running');
  world.write('others', 'their work');
  world.write('two', 'their work');
  await world.pass(60_000);
  await world.perform('b', () => world.write('new', ''));
  expect(await world.over(run)).toBe('succeeded');
  expect(changesOf(world, run, 'b')).toEqual({ shown: ['created new'] });
  expect(await world.rollback(run)).toBe('rolled_back');
  expect(world.look()).toMatchObject({
    '/others': { size: '10' },
    '/two': { size: '10' },
    '/one': { size: '3' },
  });
  expect(world.look()).not.toHaveProperty('/new');
});

test('a checkpoint of a part of the tree does not stand for the whole', async () => {
  const world = new FilesWorld();
  world.host();
  const before = world.look();
  const narrow = step('a', { checkpoint: { paths: ['one'] } });
  const run = await world.begin({ steps: [narrow, step('b'), step('c')] });
  await world.perform('a', () => world.write('one', 'by a'));
  await world.perform('b', () => world.write('two', 'by b'));
  await world.perform('c');
  await world.over(run);
  expect([...world.state(run).checkpoints.keys()]).toEqual(['a', 'automatic']);
  expect(await world.rollback(run)).toBe('rolled_back');
  expect(world.look()).toEqual(before);
});

test('what the workflow names as its scope is the whole of it: one automatic checkpoint is enough', async () => {
  const world = new FilesWorld();
  world.host();
  const run = await world.begin({ checkpoints: { paths: ['one'] }, steps: [step('a'), step('b')] });
  await world.perform('a');
  await world.perform('b');
  await world.over(run);
  const taken = world.events(run).filter(({ type }) => type === 'checkpoint.taken');
  expect(taken).toHaveLength(1);
});
