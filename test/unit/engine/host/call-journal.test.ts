/** What a call notes, asks and logs while it goes on, and what a later host's call finds of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json } from '../../../../src/engine/core/model.ts';
import type { Ask } from '../../../../src/engine/core/step-type.ts';
import { calling, Remote } from './remote.ts';
import { World } from './world.ts';

const ASK: Ask = { kind: 'input', prompt: 'which?', schema: { type: 'object' }, askedOf: 'human' };

async function scene(more: object = { method: 'GET' }) {
  const world = new World();
  const remote = new Remote();
  const host = () => world.host({ stepType: remote.stepType });
  const first = host();
  const run = await world.run({ steps: [calling('a', more)] });
  return { world, remote, host, first, run };
}

test('a note is durable when the call hears of it, and a call made again finds all of them', async () => {
  const { world, remote, host, first, run } = await scene();
  const { io } = remote.last;
  await io.note({ turn: 1 });
  expect(world.events(run).at(-1)).toEqual({ type: 'step.noted', step: 'a', attempt: 1, note: { turn: 1 } });
  await io.note('two');
  first.die();
  host();
  await world.settle();
  expect(remote.last).toMatchObject({
    notes: [{ turn: 1 }, 'two'],
    performance: remote.calls[0]?.performance,
  });
  await remote.last.io.note('three');
  remote.last.answer({ ok: true });
  await world.settle();
  expect(world.status(run)).toBe('succeeded');
  expect(world.state(run).byKey.get('a')?.notes).toEqual([{ turn: 1 }, 'two', 'three']);
});

test('a retry begins anew: no notes, and another name', async () => {
  const { world, remote } = await scene({ method: 'GET', retry: { attempts: 2, delay: '1s', jitter: 0 } });
  await remote.last.io.note(1);
  remote.last.answer({ ok: false, failure: { code: 'status', retry: 'again', message: 'busy' } });
  await world.settle();
  await world.pass(1_000);
  const [first, second] = remote.calls;
  expect(second).toMatchObject({ notes: [] });
  expect(second?.performance).not.toBe(first?.performance);
});

test('a note over its bound is a bug of the step type', async () => {
  const { world, remote, run } = await scene();
  await expect(remote.last.io.note('x'.repeat(70_000))).rejects.toThrow('expected at most 65536');
  expect(world.status(run)).toBe('running');
});

test('a call asks and takes the answer while the step runs on', async () => {
  const { world, remote, run } = await scene();
  const answer: Promise<Json | undefined> = remote.last.io.ask(ASK);
  await world.settle();
  expect(world.state(run)).toMatchObject({ status: 'waiting', asking: 1 });
  expect(world.steps(run)).toEqual({ a: 'running' });
  const [question] = world.state(run).questions.keys();
  await world.ask(run, { type: 'question.answered', question: question ?? '', answer: 'this', by: 'ann' });
  expect(await answer).toBe('this');
  expect(world.status(run)).toBe('running');
  remote.last.answer({ ok: true });
  await world.settle();
  expect(world.status(run)).toBe('succeeded');
});

test('nobody answers in time: the call hears that, and goes on', async () => {
  const { world, remote, run } = await scene();
  const answer = remote.last.io.ask({ ...ASK, expiresAtMs: world.machine.now + 5_000 });
  await world.settle();
  await world.pass(5_000);
  expect(await answer).toBeUndefined();
  expect(world.state(run)).toMatchObject({ status: 'running', asking: 0 });
});

test('a call that ends withdraws what it has asked; what it asks for then is refused', async () => {
  const { world, remote, run } = await scene();
  const { io } = remote.last;
  void io.ask(ASK);
  await world.settle();
  await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
  expect([...world.state(run).questions.values()]).toMatchObject([{ status: 'withdrawn' }]);
  expect(world.status(run)).toBe('cancelled');
  await expect(io.ask(ASK)).rejects.toThrow();
  await expect(io.note(1)).rejects.toThrow();
});

test('what a call logs is the log of its attempt', async () => {
  const { world, remote, run } = await scene();
  const { io } = remote.last;
  io.log('one\n');
  io.log(Buffer.from('two'));
  const seq = world.state(run).byKey.get('a')?.seq;
  expect(readFileSync(join(world.folder, 'home', 'runs', run, `${seq}.log`), 'utf8')).toBe('one\ntwo');
  remote.last.answer({ ok: true });
  await world.settle();
  io.log('late');
  expect(readFileSync(join(world.folder, 'home', 'runs', run, `${seq}.log`), 'utf8')).toBe('one\ntwo');
});

test('a call tells another run what it waits for', async () => {
  const { world, remote } = await scene();
  const other = await world.run({ steps: [{ id: 'w', type: 'wait', signal: 'ready' }] });
  expect(await remote.last.io.signalRun(other, 'ready', { n: 1 })).toBeUndefined();
  await world.settle();
  expect(world.status(other)).toBe('succeeded');
  expect(await remote.last.io.signalRun(other, 'ready', null)).toMatchObject({
    code: 'signal_refused',
    retry: 'final',
  });
  expect(await remote.last.io.signalRun('r-gone', 'ready', null)).toMatchObject({ code: 'signal_refused' });
});
