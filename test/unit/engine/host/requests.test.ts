/** What people ask of a run under way: pause, resume, cancel in both ways; and one run for one key. */
import { expect, test } from 'vitest';
import { createRun } from '../../../../src/engine/host/run-requests.ts';
import { World } from './world.ts';

const two = {
  steps: [
    { id: 'a', command: 'a' },
    { id: 'b', command: 'b' },
  ],
};
const withCleanup = {
  ...two,
  cleanup: [
    { id: 'c', command: 'c' },
    { id: 'd', command: 'd' },
  ],
};
const terminated = { code: 143, signal: 'SIGTERM', stopped: 'cancelled' } as const;

test('a pause lets what runs end, and the resumed run goes on, under another host too', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run(two);
  await world.ask(run, { type: 'run.pause_requested', by: 'ann', reason: 'lunch' });
  expect(world.status(run)).toBe('running');
  await world.end('a');
  expect(world.state(run)).toMatchObject({ status: 'paused', reason: 'lunch' });
  expect(world.store.run(run)?.owner).toBeUndefined();
  first.host.stop();
  world.host();
  await world.pass(60_000);
  expect(world.machine.running).toEqual([]);
  await world.ask(run, { type: 'run.resumed', by: 'ann' });
  await world.end('b');
  expect(world.status(run)).toBe('succeeded');
  expect(world.machine.started).toEqual(['a', 'b']);
});

test('a graceful cancel lets what runs end and starts nothing but the cleanup', async () => {
  const world = new World();
  world.host();
  const run = await world.run(withCleanup);
  await world.ask(run, { type: 'run.cancel_requested', mode: 'graceful', by: 'ann' });
  expect(world.machine.find('a').stops).toEqual([]);
  for (const script of ['a', 'c', 'd']) await world.end(script);
  expect(world.status(run)).toBe('cancelled');
  expect(world.steps(run)).toEqual({ a: 'succeeded', b: 'pending', c: 'succeeded', d: 'succeeded' });
});

test('an immediate cancel stops what runs, once, over a restart too', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run(two);
  await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
  await world.pass(1_000);
  expect(world.machine.find('a').stops).toEqual(['cancelled']);
  first.die();
  await world.end('a', { code: 143, signal: 'SIGTERM' });
  world.host();
  await world.settle();
  expect(world.steps(run)).toEqual({ a: 'cancelled', b: 'pending' });
  expect(world.status(run)).toBe('cancelled');
});

test('a cancel that no host saw stops the process that lived on', async () => {
  const world = new World();
  const first = world.host();
  const run = await world.run(two);
  first.die();
  await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
  world.host();
  await world.settle();
  expect(world.machine.find('a').stops).toEqual(['cancelled']);
  await world.end('a', terminated);
  expect(world.status(run)).toBe('cancelled');
});

test('a cancel during the cleanup ends the step under way, and the next ones still run', async () => {
  const world = new World();
  world.host();
  const run = await world.run(withCleanup);
  await world.end('a');
  await world.end('b');
  await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
  expect(world.machine.find('c').stops).toEqual(['cancelled']);
  await world.end('c', terminated);
  await world.end('d');
  expect(world.status(run)).toBe('cancelled');
});

test('what only waits ends at once when the run is cancelled', async () => {
  const world = new World();
  world.host();
  const run = await world.run({
    steps: [
      {
        id: 'side',
        parallel: [
          { id: 'nap', type: 'wait', for: '1h' },
          { id: 'go', type: 'approval', message: 'go?' },
        ],
      },
    ],
  });
  await world.ask(run, { type: 'run.cancel_requested', mode: 'graceful', by: 'ann' });
  expect(world.status(run)).toBe('cancelled');
  expect(world.steps(run)).toMatchObject({ nap: 'cancelled', go: 'cancelled' });
});

test('a run that nobody has begun is cancelled without a step', async () => {
  const world = new World();
  const run = await world.run(withCleanup);
  await world.ask(run, { type: 'run.cancel_requested', mode: 'graceful', by: 'ann' });
  world.host();
  await world.settle();
  expect(world.status(run)).toBe('cancelled');
  expect(world.machine.started).toEqual([]);
});

test('an answer is taken in by whoever drives the run', async () => {
  const world = new World();
  world.host();
  const run = await world.run({
    steps: [
      { id: 'go', type: 'approval', message: 'go?' },
      { id: 'a', command: 'a' },
    ],
  });
  const [question] = [...world.state(run).questions.keys()];
  await world.ask(run, { type: 'question.answered', question: question!, answer: true, by: 'ann' });
  expect(world.machine.running).toEqual(['a']);
});

test('one idempotency key makes one run', async () => {
  const world = new World();
  world.host();
  const run = await world.run(two, { idempotency_key: 'k' });
  const [created] = world.events(run);
  if (created?.type !== 'run.created') throw new Error('a run begins with `run.created`');
  const again = createRun({ journal: world.store, now: () => 0, by: 'test' }, created);
  expect(again).toEqual({ ok: true, value: { runId: run, existing: true } });
  expect(world.machine.started).toEqual(['a']);
});
