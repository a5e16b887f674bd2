/** Runs that a step has started: they end with the step when it is stopped, and with nothing else. */
import { expect, test } from 'vitest';
import { err } from '../../../../src/engine/core/failure.ts';
import { parentStep } from '../../../../src/engine/host/parent-step.ts';
import { type HostTerms, World } from './world.ts';

const outerSteps = { steps: [{ id: 'a', command: 'outer', timeout: '1m' }] };
const innerSteps = {
  steps: [
    { id: 'x', command: 'inner' },
    { id: 'y', command: 'later' },
  ],
};

class Nested extends World {
  outer = '';

  /** The outer run with its step under way. */
  async begin(definition: object = outerSteps): Promise<void> {
    this.outer = await this.run(definition);
  }

  parent = () => ({ run: this.outer, step: 'a', seq: this.state(this.outer).byKey.get('a')!.seq!, depth: 1 });
  inner = () => this.run(innerSteps, { parent: this.parent() });
  cancel = (mode: 'graceful' | 'immediate') =>
    this.ask(this.outer, { type: 'run.cancel_requested', mode, by: 'ann' });
}

const stopped = { code: 143, stopped: 'cancelled' } as const;

test('an immediate cancel of the outer run ends the inner one', async () => {
  const world = new Nested();
  world.host();
  await world.begin();
  const inner = await world.inner();
  await world.cancel('immediate');
  expect(world.machine.find('outer').stops).toEqual(['cancelled']);
  expect(world.machine.find('inner').stops).toEqual(['cancelled']);
  await world.end('inner', stopped);
  expect(world.status(inner)).toBe('cancelled');
  expect(world.state(inner).reason).toBe(`the step of run ${world.outer} that started it was cancelled`);
});

test('a graceful cancel is handed down as it is', async () => {
  const world = new Nested();
  world.host();
  await world.begin();
  const inner = await world.inner();
  await world.cancel('graceful');
  expect(world.state(inner).cancel?.mode).toBe('graceful');
  expect(world.machine.find('inner').stops).toEqual([]);
  await world.end('inner');
  expect(world.status(inner)).toBe('cancelled');
  expect(world.steps(inner)).toEqual({ x: 'succeeded', y: 'pending' });
  // a second one may be stronger
  await world.cancel('immediate');
  await world.end('outer', stopped);
  expect(world.status(world.outer)).toBe('cancelled');
});

test('a timeout of the outer step ends the inner run, and a retry starts without it', async () => {
  const world = new Nested();
  world.host();
  await world.begin({
    steps: [{ id: 'a', command: 'outer', timeout: '1m', retry: { attempts: 2, delay: 0 } }],
  });
  const inner = await world.inner();
  await world.pass(60_000);
  expect(world.machine.find('inner').stops).toEqual(['cancelled']);
  await world.end('inner', stopped);
  await world.end('outer', { code: 143, stopped: 'timeout' });
  expect(world.status(inner)).toBe('cancelled');
  const second = await world.inner();
  expect(world.state(second).cancel).toBeUndefined();
});

test('the inner run of another host, or of none, is reached as well', async () => {
  const world = new Nested();
  const refused = new Set<string>();
  const between: HostTerms['between'] = (journal) => ({
    claim: (run, host, now) => (refused.has(run) ? err('held') : journal.claim(run, host, now)),
  });
  world.host({ between });
  await world.begin();
  const nobodys = await world.inner();
  await world.ask(nobodys, { type: 'run.pause_requested', by: 'ann' });
  await world.end('inner');
  expect(world.status(nobodys)).toBe('paused');
  world.host();
  refused.add(nobodys);
  await world.cancel('immediate');
  expect(world.state(nobodys).cancel?.mode).toBe('immediate');
  await world.pass(2_000);
  expect(world.events(nobodys).findLast(({ type }) => type === 'run.claimed')).toMatchObject({ host: 'h2' });
  expect(world.status(nobodys)).toBe('cancelled');
});

test('a run that the step starts while it is being stopped does not get away', async () => {
  const world = new Nested();
  world.host();
  await world.begin();
  await world.cancel('immediate');
  const late = await world.inner();
  expect(world.state(late).cancel).toBeUndefined();
  await world.end('outer', stopped);
  expect(world.state(late).cancel?.mode).toBe('immediate');
});

test('a host that takes over hands the cancel down', async () => {
  const world = new Nested();
  const first = world.host();
  await world.begin();
  const inner = await world.inner();
  first.die();
  await world.cancel('immediate');
  expect(world.state(inner).cancel).toBeUndefined();
  world.host();
  await world.settle();
  expect(world.state(inner).cancel?.mode).toBe('immediate');
});

test('a step that ends by itself, well or not, leaves its runs alone', async () => {
  const world = new Nested();
  world.host();
  await world.begin();
  const inner = await world.inner();
  await world.end('outer', { code: 1 });
  expect(world.status(world.outer)).toBe('failed');
  await world.cancel('immediate').catch(() => {});
  expect(world.state(inner).cancel).toBeUndefined();
  expect(world.machine.running).toEqual(['inner']);
});

test('the parent is found by its attempt; a step that is being stopped is none', async () => {
  const world = new Nested();
  world.host();
  await world.begin();
  const { seq } = world.parent();
  const attempt = { runId: world.outer, seq };
  expect(parentStep(world.store, attempt)).toEqual({ ok: true, value: world.parent() });
  expect(parentStep(world.store, { ...attempt, seq: 99 })).toEqual({ ok: true, value: undefined });
  expect(parentStep(world.store, { runId: 'r-elsewhere', seq: 1 })).toEqual({ ok: true, value: undefined });
  await world.cancel('immediate');
  expect(parentStep(world.store, attempt)).toMatchObject({ ok: false, error: { code: 'conflict' } });
});

test('runs start one another sixteen deep, no deeper', async () => {
  const world = new Nested();
  world.host();
  const runId = await world.run(innerSteps, { parent: { run: 'r-0', step: 'a', seq: 1, depth: 15 } });
  const { seq } = world.state(runId).byKey.get('x')!;
  const deepest = parentStep(world.store, { runId, seq: seq! });
  expect(deepest).toMatchObject({ ok: true, value: { depth: 16 } });
  if (!deepest.ok || !deepest.value) throw new Error('no parent');
  await world.end('inner', { code: 1 });
  const last = await world.run(innerSteps, { parent: deepest.value });
  const next = parentStep(world.store, { runId: last, seq: world.state(last).byKey.get('x')!.seq! });
  expect(next).toMatchObject({ ok: false, error: { code: 'limit' } });
});
