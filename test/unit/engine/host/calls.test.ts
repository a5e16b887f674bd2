/** Calls that a host makes itself: begun when their start is durable, ended with the host, never repeated in silence. */
import { expect, test } from 'vitest';
import type { Outcome } from '../../../../src/engine/core/step-type.ts';
import { calling, Remote } from './remote.ts';
import { type HostTerms, type PretendedHost, World } from './world.ts';

const DONE: Outcome = { ok: true };
const failing = (data: { readonly [name: string]: number } = {}): Outcome => ({
  ok: false,
  failure: { code: 'status', retry: 'again', message: 'busy', data },
});

interface Scene {
  readonly world: World;
  readonly remote: Remote;
  readonly host: (terms?: HostTerms) => PretendedHost;
  /** The last call ends like this. */
  readonly answer: (outcome: Outcome) => Promise<void>;
}

function scene(): Scene {
  const world = new World();
  const remote = new Remote();
  const host = (terms: HostTerms = {}) => world.host({ stepType: remote.stepType, ...terms });
  const answer = async (outcome: Outcome) => {
    remote.last.answer(outcome);
    await world.settle();
  };
  return { world, remote, host, answer };
}

const interruptions = (world: World, run: string) =>
  world.events(run).filter(({ type }) => type === 'step.interrupted');

test('a call is made when its start is durable, and its result is the step’s', async () => {
  const { world, remote, host, answer } = scene();
  const before: number[] = [];
  host({
    between: (journal) => ({
      append: (batches) => {
        if (batches.some(({ events }) => events.some(({ type }) => type === 'step.started')))
          before.push(remote.calls.length);
        return journal.append(batches);
      },
    }),
  });
  const run = await world.run({
    steps: [calling('a', { outputs: { both: '{{ outputs.whole + string(outputs.status) }}' } })],
  });
  expect(before).toEqual([0]);
  await answer({ ok: true, outputs: { status: 200 }, names: { whole: 'x' } });
  expect(world.status(run)).toBe('succeeded');
  expect(world.state(run).byKey.get('a')?.outputs).toEqual({ status: 200, both: 'x200' });
});

test('what is called with is not journaled, only whether it may be repeated', async () => {
  const { world, host } = scene();
  host();
  const run = await world.run({ steps: [calling('a'), calling('b', { method: 'GET', needs: [] })] });
  const calls = world.events(run).flatMap((event) => (event.type === 'step.started' ? [event.call] : []));
  expect(calls).toEqual([{}, { repeatable: true }]);
});

test('calls hold slots', async () => {
  const { world, remote, host, answer } = scene();
  host({ slots: { host: 1, run: 1 } });
  const run = await world.run({ steps: [calling('a'), calling('b', { needs: [] })] });
  expect(remote.made).toEqual(['a']);
  await answer(DONE);
  expect(remote.made).toEqual(['a', 'b']);
  await answer(DONE);
  expect(world.status(run)).toBe('succeeded');
});

test.each([
  ['dies', (first: PretendedHost) => first.die()],
  ['stops', (first: PretendedHost) => first.host.stop()],
])('the host %s: the call is not made again in silence; the run pauses and says why', async (how, end) => {
  const { world, remote, host } = scene();
  const first = host();
  const run = await world.run({ steps: [calling('a')] });
  end(first);
  await world.settle();
  expect(remote.last.signal.aborted).toBe(how === 'stops');
  host();
  await world.settle();
  expect(remote.made).toEqual(['a']);
  expect(world.steps(run)).toEqual({ a: 'interrupted' });
  const reason = expect.stringMatching(/`a` was making a call when its host ended.*resumed/);
  expect(world.state(run)).toMatchObject({ status: 'paused', reason });
  expect(interruptions(world, run)).toMatchObject([{ cause: 'host_died', again: false, attempt: 1 }]);
  // what the first host hears now is nobody's news
  remote.last.answer(DONE);
  await world.settle();
  expect(world.status(run)).toBe('paused');
  await world.ask(run, { type: 'run.resumed', by: 'ann' });
  remote.last.answer(DONE);
  await world.settle();
  expect(remote.made).toEqual(['a', 'a']);
  expect(world.state(run)).toMatchObject({ status: 'succeeded' });
  expect(world.state(run).byKey.get('a')?.attempt).toBe(2);
});

test.each([
  ['may be repeated', { method: 'GET' }],
  ['is idempotent', { idempotent: true }],
])('the host dies: a call that %s is made again by the next one', async (_, more) => {
  const { world, remote, host, answer } = scene();
  const first = host();
  const run = await world.run({ steps: [calling('a', more)] });
  first.die();
  host();
  await world.settle();
  expect(remote.made).toEqual(['a', 'a']);
  expect(interruptions(world, run)).toMatchObject([{ cause: 'host_died', again: true }]);
  await answer(DONE);
  expect(world.status(run)).toBe('succeeded');
});

test('a call of the cleanup that died with its host counts as failed, and the cleanup goes on', async () => {
  const { world, remote, host } = scene();
  const first = host();
  const run = await world.run({
    steps: [{ id: 'a', type: 'set', values: { x: 1 } }],
    cleanup: [calling('c'), calling('d')],
  });
  first.die();
  host();
  await world.settle();
  expect(remote.made).toEqual(['c', 'd']);
  remote.last.answer(DONE);
  await world.settle();
  expect(world.state(run)).toMatchObject({ status: 'partial', cleanupFailed: 1 });
});

test('a call that takes a step back is made again: an undo may be repeated', async () => {
  const { world, remote, host, answer } = scene();
  const first = host();
  const undo = { type: 'http', url: 'undo-a', method: 'POST' };
  const run = await world.run({ on_failure: 'rollback', steps: [calling('a', { undo }), calling('b')] });
  await answer(DONE);
  await answer({ ok: false, failure: { code: 'status', retry: 'final', message: 'no' } });
  await world.until(() => remote.last.to === 'undo-a');
  first.die();
  host();
  await world.until(() => remote.calls.length === 4);
  expect(remote.made).toEqual(['a', 'b', 'undo-a', 'undo-a']);
  await answer(DONE);
  expect(world.status(run)).toBe('rolled_back');
});

test('out of time: told to end; made again by the policy only where it may be repeated', async () => {
  const { world, remote, host } = scene();
  host();
  const retry = { attempts: 2, delay: '1s' };
  const once = await world.run({ steps: [calling('once', { retry })] });
  const again = await world.run({ steps: [calling('again', { retry, method: 'GET', timeout: '10s' })] });
  const asked = await world.run({ steps: [calling('asked', { retry: { ...retry, on: ['timeout'] } })] });
  await world.pass(10_000);
  expect(remote.calls.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
  await world.pass(20_000);
  await world.pass(1_000);
  expect(remote.made).toEqual(['once', 'again', 'asked', 'again', 'asked']);
  expect(world.state(once)).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('out of time'),
  });
  expect(world.state(once).byKey.get('once')?.failure).toMatchObject({ code: 'timeout', retry: 'final' });
  for (const run of [again, asked]) expect(world.status(run)).toBe('running');
});

test('cancelled: told to end, and the cleanup runs', async () => {
  const { world, remote, host, answer } = scene();
  host();
  const run = await world.run({ steps: [calling('a')], cleanup: [calling('c')] });
  await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
  expect(remote.calls[0]?.signal.aborted).toBe(true);
  expect(remote.made).toEqual(['a', 'c']);
  await answer(DONE);
  expect(world.status(run)).toBe('cancelled');
  expect(world.steps(run)).toEqual({ a: 'cancelled', c: 'succeeded' });
});

test('told to end and done all the same: what it has done counts', async () => {
  const { world, remote, host, answer } = scene();
  remote.heeds = false;
  host();
  const run = await world.run({ steps: [calling('a')] });
  await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
  await answer(DONE);
  expect(world.steps(run)).toEqual({ a: 'succeeded' });
  expect(world.status(run)).toBe('cancelled');
});

test('a call that goes on regardless is given up after the grace', async () => {
  const { world, remote, host, answer } = scene();
  remote.heeds = false;
  host();
  const run = await world.run({ steps: [calling('a', { timeout: '10s' })] });
  await world.pass(10_000);
  expect(world.status(run)).toBe('running');
  await world.pass(5_000);
  expect(world.state(run).byKey.get('a')?.failure?.code).toBe('timeout');
  const { length } = world.events(run);
  await answer(DONE);
  expect(world.events(run)).toHaveLength(length);
});

test('a retry waits as long as the remote system asks', async () => {
  const { world, remote, host, answer } = scene();
  host();
  const run = await world.run({ steps: [calling('a', { retry: { attempts: 2, delay: '1s' } })] });
  await answer(failing({ retry_after_ms: 90_000 }));
  await world.pass(89_000);
  expect(remote.made).toEqual(['a']);
  await world.pass(1_000);
  await answer(DONE);
  expect(remote.made).toEqual(['a', 'a']);
  expect(world.status(run)).toBe('succeeded');
});

test('an append that is refused makes no second call, and loses no answer', async () => {
  const { world, remote, host, answer } = scene();
  let refusals = 1;
  host({
    between: (journal) => ({
      append: (batches) => {
        const isEnd = batches.some(({ events }) => events.some(({ type }) => type === 'step.succeeded'));
        if (!isEnd || refusals === 0) return journal.append(batches);
        refusals -= 1;
        return batches.map(({ expectedSeq }) => ({
          ok: false,
          error: { kind: 'conflict', seq: expectedSeq },
        }));
      },
    }),
  });
  const run = await world.run({ steps: [calling('a')] });
  await answer(DONE);
  expect(refusals).toBe(0);
  expect(remote.made).toEqual(['a']);
  expect(world.status(run)).toBe('succeeded');
});

test('a call that throws is a bug of its type: that run is stuck, the others go on', async () => {
  const { world, remote, host } = scene();
  const { reports } = host();
  const bad = await world.run({ steps: [calling('bad')] });
  const good = await world.run({ steps: [calling('good')] });
  remote.calls[0]?.fail(new TypeError('x is undefined'));
  await world.settle();
  expect(world.state(bad)).toMatchObject({
    status: 'stuck',
    reason: expect.stringContaining('x is undefined'),
  });
  expect(reports).toHaveLength(1);
  remote.last.answer(DONE);
  await world.settle();
  expect(world.status(good)).toBe('succeeded');
});
