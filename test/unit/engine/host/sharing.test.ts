/** Slots: how many steps run at once, and whose turn it is. */
import { expect, test } from 'vitest';
import { World } from './world.ts';

const wide = (name: string, count: number) => ({
  steps: [{ id: 'all', foreach: `1..${count}`, max_parallel: count, command: `: ${name}` }],
});
const chain = (name: string) => ({
  steps: ['1', '2', '3'].map((n) => ({ id: `s${n}`, command: `${name}${n}` })),
});

test('a run takes no more than its slots, all runs together no more than the host has', async () => {
  const world = new World();
  world.host({ slots: { host: 6, run: 4 } });
  await world.run(wide('a', 9));
  expect(world.machine.running).toHaveLength(4);
  await world.run(wide('b', 9));
  expect(world.machine.running).toHaveLength(6);
  for (let ended = 1; ended <= 6; ended += 1) {
    await world.end(world.machine.running[0]!);
    expect(world.machine.running).toHaveLength(6);
  }
});

test('a wide run gives way until both have their half', async () => {
  const world = new World();
  world.host({ slots: { host: 4, run: 4 } });
  await world.run(wide('a', 20));
  await world.run(wide('b', 20));
  expect(world.machine.running).toEqual(Array(4).fill(': a'));
  await world.end(': a');
  await world.end(': a');
  expect([...world.machine.running].sort()).toEqual([': a', ': a', ': b', ': b']);
  await world.end(': a');
  expect([...world.machine.running].sort()).toEqual([': a', ': a', ': b', ': b']);
});

test('with one slot, runs take turns; who comes later queues behind', async () => {
  const world = new World();
  world.host({ slots: { host: 1, run: 1 } });
  for (const name of ['a', 'b', 'c']) await world.run(chain(name));
  while (world.machine.running.length > 0) await world.end(world.machine.running[0]!);
  expect(world.machine.started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'c2', 'b3', 'c3']);
});

test('a retry that is due while all slots are taken gets the next one', async () => {
  const world = new World();
  world.host({ slots: { host: 1, run: 1 } });
  const run = await world.run({
    steps: [{ id: 'a', command: 'flaky', retry: { attempts: 2, delay: '1s', jitter: 0 } }],
  });
  await world.run(chain('b'));
  await world.end('flaky', { code: 1 });
  expect(world.machine.running).toEqual(['b1']);
  await world.pass(1_000);
  await world.end('b1');
  expect(world.machine.running).toEqual(['flaky']);
  await world.end('flaky');
  expect(world.status(run)).toBe('succeeded');
});

test('a run that is dropped leaves its slot to the next', async () => {
  const world = new World();
  world.host({ slots: { host: 1, run: 1 } });
  const run = await world.run(chain('a'));
  await world.run(chain('b'));
  world.machine.creep(3_600_000);
  world.store.renew({ host: 'x', pid: 1, startTime: '', bootId: '' }, world.machine.now);
  world.store.claim(run, 'x', world.machine.now);
  // the host learns of it with its next append
  await world.ask(run, { type: 'run.pause_requested', by: 'ann' });
  await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
  expect(world.machine.running).toEqual(['a1', 'b1']);
});

test('what sleeps or asks holds no slot', async () => {
  const world = new World();
  world.host({ slots: { host: 1, run: 1 } });
  await world.run({ steps: [{ id: 'a', type: 'wait', for: '1h' }] });
  await world.run({ steps: [{ id: 'a', type: 'approval', message: 'go?' }] });
  await world.run(chain('b'));
  expect(world.machine.running).toEqual(['b1']);
});

test('a host with nothing to do says so, one with work does not', async () => {
  const world = new World();
  const { host } = world.host();
  expect(host.active).toBe(0);
  await world.run({ steps: [{ id: 'a', type: 'approval', message: 'go?' }] });
  expect(host.active).toBe(0);
  await world.run({ steps: [{ id: 'a', type: 'wait', for: '1h' }] });
  await world.run({ steps: [{ id: 'a', command: 'a' }] });
  expect(host.active).toBe(2);
  await world.end('a');
  expect(host.active).toBe(1);
});
