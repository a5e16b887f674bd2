/** Waits for signals, conditions and several people through the real host: over restarts, deadlines and cancels. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Event } from '../../../../src/engine/core/events.ts';
import { sendSignal } from '../../../../src/engine/host/run-requests.ts';
import { World } from './world.ts';

const S = 1_000;
const signal = (name: string, payload: object = {}): Event => ({
  type: 'signal.received',
  name,
  payload: payload as never,
  by: 'test',
});
const gate = (more: object = {}) => ({
  steps: [
    { id: 'gate', type: 'wait', signal: 'deployed', ...more },
    { id: 'after', command: 'echo {{ gate.outputs.tag }}', when: 'has(gate.outputs.tag)' },
  ],
});
const outputs = (world: World, run: string, key: string) => world.state(run).byKey.get(key)?.outputs;

test.each(['at once', 'after a restart'])('a signal lets the step go on, %s', async (when) => {
  const world = new World();
  const first = world.host();
  const run = await world.run(gate());
  expect(world.status(run)).toBe('waiting');
  if (when === 'after a restart') {
    first.die();
    world.host();
  }
  await world.ask(run, signal('other', { tag: 'x' }));
  expect(world.status(run)).toBe('waiting');
  await world.ask(run, signal('deployed', { tag: 'v1' }));
  expect(world.steps(run)).toEqual({ gate: 'succeeded', after: 'running' });
  expect(outputs(world, run, 'gate')).toEqual({ tag: 'v1' });
});

test('signals that come before their steps are taken by them, once each, in order', async () => {
  const world = new World();
  world.host();
  const each = (id: string) => ({ id, type: 'wait', signal: 'tick' });
  const run = await world.run({ steps: [{ id: 'first', command: 'work' }, each('a'), each('b'), each('c')] });
  for (const n of [1, 2]) await world.ask(run, signal('tick', { n }));
  await world.end('work');
  expect(outputs(world, run, 'a')).toEqual({ n: 1 });
  expect(outputs(world, run, 'b')).toEqual({ n: 2 });
  expect(world.steps(run).c).toBe('waiting');
});

test.each([
  ['fails the run', {}, 'failed'],
  ['lets it go on where the step says so', { on_expire: 'continue' }, 'succeeded'],
])('none in time %s', async (_, more, status) => {
  const world = new World();
  world.host();
  const run = await world.run(gate({ for: '1m', ...more }));
  await world.pass(60 * S - 1);
  expect(world.status(run)).toBe('waiting');
  await world.pass(1);
  expect(world.status(run)).toBe(status);
});

test('a paused run takes a signal in and goes on with it when it is resumed', async () => {
  const world = new World();
  world.host();
  const run = await world.run(gate());
  await world.ask(run, { type: 'run.pause_requested', by: 'test' });
  expect(world.status(run)).toBe('paused');
  await world.ask(run, signal('deployed', { tag: 'v2' }));
  expect(world.steps(run).gate).toBe('waiting');
  await world.ask(run, { type: 'run.resumed', by: 'test' });
  expect(outputs(world, run, 'gate')).toEqual({ tag: 'v2' });
});

test('a cancel ends the wait; a run that has ended takes no signal', async () => {
  const world = new World();
  world.host();
  const run = await world.run(gate());
  await world.ask(run, { type: 'run.cancel_requested', mode: 'graceful', by: 'test' });
  expect(world.status(run)).toBe('cancelled');
  await expect(world.ask(run, signal('deployed'))).rejects.toThrow(
    'cannot happen to a run that is cancelled',
  );
});

test('names and payloads out of bounds are refused before they are written', async () => {
  const world = new World();
  const run = await world.run(gate());
  const send = (name: string, payload: string) =>
    sendSignal({ journal: world.store, now: () => 0, by: 'test' }, run, { name, payload });
  expect(send('no name', '')).toMatchObject({ error: { message: expect.stringContaining('`no name`') } });
  expect(send('big', 'x'.repeat(70_000))).toMatchObject({
    error: { message: expect.stringContaining('70002 bytes') },
  });
  expect(world.events(run)).toHaveLength(1);
  expect(send('good', '')).toMatchObject({ ok: true });
});

test('a condition is looked at until it holds, also by the next host', async () => {
  const world = new World();
  const first = world.host();
  const steps = [{ id: 'a', type: 'wait', condition: "exists('flag')", every: '5s' }];
  const run = await world.run({ steps });
  expect(world.status(run)).toBe('running');
  await world.pass(5 * S);
  first.die();
  world.host();
  await world.settle();
  writeFileSync(join(world.folder, 'flag'), '');
  await world.pass(5 * S - 1);
  expect(world.status(run)).toBe('running');
  await world.pass(1);
  expect(world.status(run)).toBe('succeeded');
  expect(world.events(run).filter(({ type }) => type === 'step.sleeping')).toHaveLength(1);
});

test('a condition that never holds ends at the deadline that was set when the wait began', async () => {
  const world = new World();
  world.host();
  const wait = { id: 'a', type: 'wait', condition: 'false', every: '4s', for: '10s' };
  const run = await world.run({ steps: [wait] });
  for (let seconds = 0; seconds < 9; seconds += 1) await world.pass(S);
  expect(world.status(run)).toBe('running');
  await world.pass(S);
  expect(world.state(run).byKey.get('a')?.failure?.code).toBe('expired');
});

test('one approval of two leaves the run waiting; the second lets it go on, and both are named', async () => {
  const world = new World();
  world.host();
  const run = await world.run({ steps: [{ id: 'go', type: 'approval', message: 'go?', approvals: 2 }] });
  const [question = ''] = world.state(run).questions.keys();
  const reason = 'looks good';
  await world.ask(run, {
    type: 'question.approved',
    question,
    answer: { approved: true, reason },
    by: 'cli:ann',
  });
  expect(world.status(run)).toBe('waiting');
  await world.ask(run, { type: 'question.answered', question, answer: true, by: 'cli:bob' });
  expect(world.status(run)).toBe('succeeded');
  expect(outputs(world, run, 'go')).toMatchObject({
    approved: true,
    answers: [
      { by: 'cli:ann', approved: true, reason },
      { by: 'cli:bob', approved: true, reason: '' },
    ],
  });
});

test('a claim that runs out is given back by the host', async () => {
  const world = new World();
  world.host();
  const fields = { a: { type: 'string' } };
  const run = await world.run({
    steps: [{ id: 'ask', type: 'input', asked_of: 'agent', message: '?', fields }],
  });
  const [question = ''] = world.state(run).questions.keys();
  await world.ask(run, {
    type: 'question.claimed',
    question,
    by: 'mcp:one',
    until: world.machine.now + 9 * S,
  });
  await world.pass(9 * S - 1);
  expect(world.state(run).questions.get(question)?.claim).toBeDefined();
  await world.pass(1);
  expect(world.events(run).at(-1)).toEqual({
    type: 'question.released',
    question,
    by: 'mcp:one',
    why: 'expired',
  });
});
