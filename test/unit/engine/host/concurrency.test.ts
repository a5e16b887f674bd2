/** Runs that wait for one another: concurrency groups over several hosts, priorities, and the timeout of a run. */
import { expect, test } from 'vitest';
import type { EventOf } from '../../../../src/engine/core/events.ts';
import { World } from './world.ts';

type Created = Partial<EventOf<'run.created'>>;
const one = (command: string, more: object = {}) => ({ steps: [{ id: 'a', command }], ...more });
const inGroup = (more: Created = {}): Created => ({ group: 'g', ...more });

/** In the order in which they come: the clock goes on between two of them. */
async function come(world: World, definition: object, fields: Created): Promise<string> {
  world.machine.creep(1);
  return world.run(definition, fields);
}

/** A look that hosts take by themselves from time to time. */
const LOOK_MS = 2_000;

test('one run of a group at a time, also with two hosts; the others stay queued and nobody drives them', async () => {
  const world = new World();
  world.host();
  world.host();
  const runs = [];
  for (const name of ['a', 'b', 'c']) runs.push(await come(world, one(name), inGroup()));
  await come(world, one('free'), inGroup({ group: 'other' }));
  await world.pass(LOOK_MS);
  expect(world.machine.running).toEqual(['a', 'free']);
  expect(runs.map((run) => world.status(run))).toEqual(['running', 'queued', 'queued']);
  expect(world.store.run(runs[1]!)?.owner).toBeUndefined();
  await world.end('a');
  expect(world.machine.running).toEqual(['free', 'b']);
  await world.end('b');
  await world.end('c');
  expect(runs.map((run) => world.status(run))).toEqual(['succeeded', 'succeeded', 'succeeded']);
  expect(world.machine.started).toEqual(['a', 'free', 'b', 'c']);
});

test('in line the higher priority goes first', async () => {
  const world = new World();
  world.host();
  await come(world, one('a'), inGroup());
  await come(world, one('low'), inGroup({ priority: -1 }));
  await come(world, one('usual'), inGroup());
  await come(world, one('high'), inGroup({ priority: 1 }));
  for (const next of ['a', 'high', 'usual', 'low']) {
    expect(world.machine.running).toEqual([next]);
    await world.end(next);
  }
});

test('the host of the holder dies: its run is taken over, and the next one starts after it, once', async () => {
  const world = new World();
  const first = world.host();
  await come(world, one('a'), inGroup());
  const next = await come(world, one('b'), inGroup());
  first.die();
  world.host();
  world.host();
  await world.pass(LOOK_MS);
  expect(world.machine.running).toEqual(['a']);
  await world.end('a');
  await world.pass(LOOK_MS);
  expect(world.machine.running).toEqual(['b']);
  await world.end('b');
  expect(world.status(next)).toBe('succeeded');
  expect(world.machine.started).toEqual(['a', 'b']);
});

test('a run that waits for somebody keeps its group until it has ended', async () => {
  const world = new World();
  world.host();
  const ask = { steps: [{ id: 'q', type: 'approval', message: 'go?' }] };
  const holder = await come(world, ask, inGroup());
  const next = await come(world, one('b'), inGroup());
  expect([world.status(holder), world.status(next)]).toEqual(['waiting', 'queued']);
  await world.ask(holder, { type: 'run.cancel_requested', mode: 'graceful', by: 'ann' });
  await world.settle();
  expect([world.status(holder), world.status(next)]).toEqual(['cancelled', 'running']);
});

test('a run that is cancelled in line ends at once, and begins nothing', async () => {
  const world = new World();
  world.host();
  await come(world, one('a'), inGroup());
  const [second, third] = [await come(world, one('b'), inGroup()), await come(world, one('c'), inGroup())];
  await world.ask(second, { type: 'run.cancel_requested', mode: 'graceful', by: 'ann' });
  expect(world.status(second)).toBe('cancelled');
  await world.end('a');
  expect(world.machine.running).toEqual(['c']);
  expect(world.status(third)).toBe('running');
});

test('a run that pauses in line lets the others pass, and stands in line again when it is resumed', async () => {
  const world = new World();
  world.host();
  await come(world, one('a'), inGroup());
  const second = await come(world, one('b'), inGroup());
  await come(world, one('c'), inGroup());
  await world.ask(second, { type: 'run.pause_requested', by: 'ann' });
  expect(world.status(second)).toBe('paused');
  await world.end('a');
  expect(world.machine.running).toEqual(['c']);
  await world.ask(second, { type: 'run.resumed', by: 'ann' });
  expect([world.status(second), ...world.machine.running]).toEqual(['queued', 'c']);
  await world.end('c');
  expect(world.machine.running).toEqual(['b']);
});

test('a run that failed and is resumed waits for its group', async () => {
  const world = new World();
  world.host();
  const first = await come(world, one('a'), inGroup());
  await world.end('a', { code: 1 });
  await come(world, one('b'), inGroup());
  await world.ask(first, { type: 'run.resumed', by: 'ann' });
  expect(world.machine.running).toEqual(['b']);
  await world.end('b');
  expect(world.machine.running).toEqual(['a']);
});

test('replace: whoever was there before is cancelled, whoever waited too; the new one starts when they have ended', async () => {
  const world = new World();
  world.host();
  const [holder, waiter] = [await come(world, one('a'), inGroup()), await come(world, one('b'), inGroup())];
  const replacing = await come(world, one('new'), inGroup({ on_conflict: 'replace' }));
  await world.settle();
  const cancels = world.events(holder).filter(({ type }) => type === 'run.cancel_requested');
  expect(cancels).toMatchObject([{ mode: 'immediate', reason: expect.stringContaining(replacing) }]);
  expect(world.status(waiter)).toBe('cancelled');
  expect([world.status(holder), world.status(replacing)]).toEqual(['running', 'queued']);
  await world.pass(LOOK_MS);
  await world.end('a', { signal: 'SIGTERM', stopped: 'cancelled' });
  expect(world.state(holder)).toMatchObject({
    status: 'cancelled',
    reason: expect.stringContaining(replacing),
  });
  expect(world.machine.running).toEqual(['new']);
  expect(world.events(holder).filter(({ type }) => type === 'run.cancel_requested')).toHaveLength(1);
});

test('replace goes on when whoever created the run has died before it cancelled anything', async () => {
  const world = new World();
  const first = world.host();
  const holder = await come(world, one('a'), inGroup());
  first.die();
  const replacing = await come(world, one('new'), inGroup({ on_conflict: 'replace' }));
  world.host();
  await world.settle();
  expect(world.state(holder).cancel).toMatchObject({ reason: expect.stringContaining(replacing) });
});

test('of two that replace each other the later one stays', async () => {
  const world = new World();
  const made = [];
  for (const name of ['a', 'b', 'c']) {
    made.push(await come(world, one(name), inGroup({ on_conflict: 'replace' })));
  }
  world.host();
  world.host();
  await world.settle();
  expect(made.map((run) => world.status(run))).toEqual(['cancelled', 'cancelled', 'running']);
  expect(world.machine.started).toEqual(['c']);
});

test('reject: no run is there, and the one that has the group is named', async () => {
  const world = new World();
  world.host();
  const holder = await come(world, one('a'), inGroup());
  await expect(come(world, one('b'), inGroup({ on_conflict: 'reject' }))).rejects.toThrow(holder);
  expect(world.store.runIds('', 9)).toEqual([holder]);
});

test('a free slot goes to the run of higher priority, whoever waits longer', async () => {
  const world = new World();
  world.host({ slots: { host: 1, run: 1 } });
  const chain = (name: string) => ({ steps: [1, 2].map((n) => ({ id: `s${n}`, command: `${name}${n}` })) });
  await world.run(chain('usual'));
  await world.run(chain('high'), { priority: 5 });
  await world.run(chain('low'), { priority: -5 });
  while (world.machine.running.length > 0) await world.end(world.machine.running[0]!);
  expect(world.machine.started).toEqual(['usual1', 'high1', 'high2', 'usual2', 'low1', 'low2']);
});

test('a wide run does not give way to one of lower priority, which gets what is left', async () => {
  const world = new World();
  world.host({ slots: { host: 4, run: 4 } });
  const wide = (name: string) => ({
    steps: [{ id: 'all', foreach: '1..6', max_parallel: 6, command: `: ${name}` }],
  });
  await world.run(wide('low'), { priority: -1 });
  await world.run(wide('high'), { priority: 1 });
  for (let n = 0; n < 4; n += 1) await world.end(': low');
  expect(world.machine.running).toEqual(Array(4).fill(': high'));
  await world.end(': high');
  await world.end(': high');
  await world.end(': high');
  expect([...world.machine.running].sort()).toEqual([': high', ': high', ': high', ': low']);
});

test('a run is out of time: its step is stopped, the cleanup runs, and its group is free', async () => {
  const world = new World();
  world.host();
  const cleanup = [{ id: 'z', command: 'tidy' }];
  const first = await come(world, one('a', { timeout: '1m', cleanup }), inGroup());
  await come(world, one('b'), inGroup());
  await world.pass(59_999);
  expect(world.machine.running).toEqual(['a']);
  await world.pass(1);
  await world.end('a', { signal: 'SIGTERM', stopped: 'cancelled' });
  expect(world.machine.running).toEqual(['tidy']);
  await world.end('tidy');
  const reason = 'timeout: the run did not end within 60 s';
  expect(world.state(first)).toMatchObject({ status: 'failed', reason });
  expect(world.machine.running).toEqual(['b']);
});

test('a run that waits for an answer with no host in the house is ended by the next one', async () => {
  const world = new World();
  const { host } = world.host();
  const run = await world.run({ timeout: '1m', steps: [{ id: 'q', type: 'approval', message: 'go?' }] });
  host.stop();
  await world.pass(60_000);
  world.host();
  await world.settle();
  expect(world.status(run)).toBe('failed');
});

test('steps of a tag wait for one another, and a run that only waits for a tag is not in the way of others', async () => {
  const world = new World();
  world.host({ slots: { host: 3, run: 3 } });
  const steps = ['a', 'b'].map((id) => ({ id, command: id, tags: ['db'] }));
  const run = await world.run({ limits: { db: 1 }, steps: [{ parallel: steps }] });
  await world.run(one('other'));
  expect(world.machine.running).toEqual(['a', 'other']);
  await world.end('a');
  expect(world.machine.running).toEqual(['other', 'b']);
  await world.end('b');
  expect(world.status(run)).toBe('succeeded');
});
