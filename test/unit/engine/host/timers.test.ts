/** Everything that waits for its time: retries, waits, timeouts, questions; also over a restart and a clock that jumps. */
import { expect, test } from 'vitest';
import { World } from './world.ts';

const S = 1_000;
const flaky = {
  steps: [
    { id: 'a', command: 'try', retry: { attempts: 4, delay: '2s', backoff: 3, max_delay: '5s', jitter: 0 } },
  ],
};

test('retries wait for their delays, which grow up to a bound', async () => {
  const world = new World();
  world.host();
  const run = await world.run(flaky);
  for (const delay of [2, 5, 5]) {
    await world.end('try', { code: 1 });
    await world.pass(delay * S - 1);
    expect(world.machine.running).toEqual([]);
    await world.pass(1);
    expect(world.machine.running).toEqual(['try']);
  }
  await world.end('try', { code: 1 });
  expect(world.status(run)).toBe('failed');
  expect(world.state(run).byKey.get('a')?.attempt).toBe(4);
});

test('a retry keeps its time over a restart, and is due at once when that has passed', async () => {
  const world = new World();
  const first = world.host();
  await world.run(flaky);
  await world.end('try', { code: 1 });
  first.die();
  await world.pass(S);
  const second = world.host();
  await world.settle();
  expect(world.machine.running).toEqual([]);
  await world.pass(S);
  await world.end('try', { code: 1 });
  second.die();
  await world.pass(3_600 * S);
  world.host();
  await world.settle();
  expect(world.machine.running).toEqual(['try']);
});

test('a clock that jumps forward makes it due, one that jumps back lets it wait', async () => {
  const world = new World();
  world.host();
  await world.run({
    steps: [
      { id: 'a', type: 'wait', for: '10s' },
      { id: 'b', command: 'after' },
    ],
  });
  const began = world.machine.now;
  await world.pass(-3_600 * S);
  await world.pass(3_609 * S);
  expect(world.machine.running).toEqual([]);
  world.machine.setTime(began + 86_400 * S);
  await world.settle();
  expect(world.machine.running).toEqual(['after']);
});

test('a timer that comes due while another run has its turn is not lost', async () => {
  const world = new World();
  world.host();
  const waiting = await world.run({ steps: [{ id: 'a', type: 'wait', for: '10s' }] });
  const other = await world.run({
    steps: [
      { id: 'b', command: 'b' },
      { id: 'c', command: 'c' },
    ],
  });
  world.machine.end('b');
  // the time is reached before the timer has called: the other run's turn comes first
  world.machine.creep(10 * S);
  await world.settle();
  await world.pass(0);
  expect(world.status(waiting)).toBe('succeeded');
  expect(world.status(other)).toBe('running');
});

test('a step that takes too long is stopped once, and its exit is the timeout', async () => {
  const world = new World();
  world.host();
  const run = await world.run({ steps: [{ id: 'a', command: 'long', timeout: '5s' }] });
  await world.pass(5 * S - 1);
  expect(world.machine.find('long').stops).toEqual([]);
  await world.pass(1);
  await world.pass(S);
  expect(world.machine.find('long').stops).toEqual(['timeout']);
  await world.end('long', { code: 143, signal: 'SIGTERM', stopped: 'timeout' });
  expect(world.state(run).byKey.get('a')?.failure?.code).toBe('timeout');
});

test.each([
  ['was stopped by the host before', { code: 143, signal: 'SIGTERM' }, 'timeout'],
  ['nobody saw end', { signal: 'SIGKILL' }, 'timeout'],
  ['failed by itself', { code: 3 }, 'exit'],
] as const)('a step past its time that %s', async (_, exit, code) => {
  const world = new World();
  const first = world.host();
  const run = await world.run({ steps: [{ id: 'a', command: 'long', timeout: '5s' }] });
  await world.pass(5 * S);
  first.die();
  await world.end('long', exit);
  world.host();
  await world.settle();
  expect(world.state(run).byKey.get('a')?.failure?.code).toBe(code);
});

test('a block that takes too long stops what runs in it and starts nothing more', async () => {
  const world = new World();
  world.host();
  const run = await world.run({
    steps: [
      {
        id: 'both',
        timeout: '5s',
        steps: [
          { id: 'a', command: 'a' },
          { id: 'b', command: 'b' },
        ],
      },
    ],
  });
  await world.pass(5 * S);
  expect(world.machine.find('a').stops).toEqual(['timeout']);
  await world.end('a', { code: 143, signal: 'SIGTERM', stopped: 'timeout' });
  expect(world.machine.started).toEqual(['a']);
  expect(world.state(run).byKey.get('both')?.failure?.code).toBe('timeout');
  expect(world.status(run)).toBe('failed');
});

test.each(['at its time', 'after a restart'])('a question that nobody answers ends %s', async (when) => {
  const world = new World();
  const first = world.host();
  const run = await world.run({
    steps: [{ id: 'go', type: 'approval', message: 'go?', expires: '1m', on_expire: 'reject' }],
  });
  expect(world.status(run)).toBe('waiting');
  if (when === 'after a restart') {
    first.die();
    world.host();
  }
  await world.pass(60 * S - 1);
  expect(world.status(run)).toBe('waiting');
  await world.pass(1);
  expect(world.status(run)).toBe('failed');
  expect(world.events(run).map(({ type }) => type)).toContain('question.expired');
});

test('a run that waits is claimed by the next host when its time has come, not before', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run({
    steps: [{ id: 'go', type: 'approval', message: 'go?', expires: '1m', on_expire: 'approve' }],
  });
  first.host.stop();
  world.host();
  await world.pass(61 * S);
  expect(world.status(run)).toBe('succeeded');
});
