/** What a host makes of the attempts that an earlier one has left. */
import { expect, test } from 'vitest';
import { World } from './world.ts';

const step = (more: object = {}) => ({ steps: [{ id: 'a', command: 'a', ...more }] });

test('a process that lives is waited for, one that has ended is read; neither starts again', async () => {
  const world = new World();
  const first = world.host();
  const living = await world.run({ steps: [{ id: 'a', command: 'lives' }] });
  const ended = await world.run({ steps: [{ id: 'a', command: 'ended' }] });
  first.die();
  await world.end('ended');
  world.host();
  await world.settle();
  expect(world.status(ended)).toBe('succeeded');
  expect(world.status(living)).toBe('running');
  await world.end('lives');
  expect(world.status(living)).toBe('succeeded');
  expect(world.machine.started).toEqual(['lives', 'ended']);
});

test('an attempt whose process never ran starts again, with the same number', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run(step());
  first.die();
  world.machine.processes.clear();
  world.host();
  await world.settle();
  expect(world.machine.running).toEqual(['a']);
  await world.end('a');
  expect(world.state(run).byKey.get('a')?.attempt).toBe(1);
  expect(world.events(run)).toContainEqual({
    type: 'step.interrupted',
    step: 'a',
    attempt: 1,
    cause: 'never_started',
    again: true,
  });
});

test('after a reboot the run pauses and says why; resumed, the step runs again', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run(step());
  first.die();
  world.machine.reboot();
  world.host();
  await world.settle();
  expect(world.state(run)).toMatchObject({ status: 'paused', reason: expect.stringContaining('restart') });
  expect(world.steps(run)).toEqual({ a: 'interrupted' });
  await world.ask(run, { type: 'run.resumed', by: 'ann' });
  await world.end('a');
  expect(world.status(run)).toBe('succeeded');
  expect(world.state(run).byKey.get('a')?.attempt).toBe(2);
});

test('after a reboot an idempotent step starts again by itself', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run(step({ idempotent: true }));
  first.die();
  world.machine.reboot();
  world.host();
  await world.settle();
  await world.end('a');
  expect(world.status(run)).toBe('succeeded');
});

test('a step of the cleanup that a reboot interrupted counts as failed, and the cleanup goes on', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run({
    ...step(),
    cleanup: [
      { id: 'c', command: 'c' },
      { id: 'd', command: 'd' },
    ],
  });
  await world.end('a');
  first.die();
  world.machine.reboot();
  world.host();
  await world.settle();
  await world.end('d');
  expect(world.state(run)).toMatchObject({ status: 'partial', cleanupFailed: 1 });
});

test('a host that was taken for dead drives nothing more', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run({
    steps: [
      { id: 'a', command: 'a' },
      { id: 'b', command: 'b' },
    ],
  });
  // nobody renews while the machine sleeps; the second host comes first when it wakes
  world.machine.creep(3_600_000);
  world.host();
  await world.settle();
  expect(world.store.run(run)?.owner).toBe('h2');
  await world.pass(0);
  expect(first.host.active).toBe(0);
  await world.end('a');
  expect(world.machine.started).toEqual(['a', 'b']);
  await world.end('b');
  expect(world.status(run)).toBe('succeeded');
  expect(first.reports).toEqual([]);
});

test('a stopped host gives its runs back at once', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run(step());
  first.host.stop();
  first.host.kick(run);
  const second = world.host();
  await world.settle();
  expect(world.store.run(run)?.owner).toBe('h2');
  await world.end('a');
  expect(world.status(run)).toBe('succeeded');
  expect(second.reports).toEqual([]);
});

test('a list of items that has gone from the disk makes the run stuck: no command runs without its item', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run({
    steps: [{ id: 'each', foreach: 'range(1000000, 1009999)', command: 'use {{ item }}' }],
  });
  expect(world.machine.running).toHaveLength(1);
  first.die();
  world.host({ between: () => ({ getBlob: () => undefined }) });
  await world.settle();
  await world.end(world.machine.running[0]!);
  expect(world.state(run)).toMatchObject({ status: 'stuck', reason: expect.stringContaining('`each`') });
  expect(world.machine.started).toHaveLength(1);
});
