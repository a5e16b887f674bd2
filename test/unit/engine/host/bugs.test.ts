/** A bug costs the run it strikes, and nothing else. */
import { expect, test } from 'vitest';
import { Bug } from '../../../../src/engine/core/failure.ts';
import type { StepType } from '../../../../src/engine/core/step-type.ts';
import { stepType } from '../../../../src/steps/catalogue.ts';
import { World } from './world.ts';

/** A catalogue in which one part of `assert` or `shell` is broken. */
const broken =
  (part: 'begin' | 'exited') =>
  (name: string): StepType => {
    const type = stepType(name)!;
    const strikes = name === (part === 'begin' ? 'assert' : 'shell');
    const fail = (): never => {
      throw new TypeError('a step type is broken');
    };
    return strikes ? { ...type, [part]: fail } : type;
  };

test('a step type that breaks as it begins makes its run stuck; the others go on', async () => {
  const world = new World();
  const { host, reports } = world.host({ stepType: broken('begin') });
  const other = await world.run({
    steps: [
      { id: 'a', command: 'a' },
      { id: 'b', command: 'b' },
    ],
  });
  const run = await world.run({ steps: [{ id: 'x', type: 'assert', that: 'true' }] });
  expect(world.state(run)).toMatchObject({
    status: 'stuck',
    reason: 'a bug in Belay: step type `assert`, asked by step `x`: a step type is broken',
  });
  expect(world.store.run(run)?.owner).toBeUndefined();
  expect(reports).toEqual([expect.stringContaining('a step type is broken')]);
  await world.end('a');
  await world.end('b');
  expect(world.status(other)).toBe('succeeded');
  expect(host.problem).toBeUndefined();
});

test('a step type that breaks on the exit makes its run stuck', async () => {
  const world = new World();
  world.host({ stepType: broken('exited') });
  const run = await world.run({ steps: [{ id: 'a', command: 'a' }] });
  await world.end('a');
  expect(world.status(run)).toBe('stuck');
});

test('a run that was stuck can be resumed, and a host that is mended finishes it', async () => {
  const world = new World();
  const first = world.host({ stepType: broken('begin') });
  const run = await world.run({ steps: [{ id: 'x', type: 'assert', that: 'true' }] });
  first.host.stop();
  world.host();
  await world.ask(run, { type: 'run.resumed', by: 'ann' });
  expect(world.status(run)).toBe('succeeded');
});

test('events that the journal cannot take make their own run stuck, not the ones beside it', async () => {
  const world = new World();
  const { reports } = world.host({
    between: (journal) => ({
      append(batches) {
        if (batches.some(({ events }) => JSON.stringify(events).includes('too-large')))
          throw new Bug('too large');
        return journal.append(batches);
      },
    }),
  });
  const run = await world.run({
    steps: [
      { id: 'a', command: 'a' },
      { id: 'too-large', command: 'b' },
    ],
  });
  const other = await world.run({
    steps: [
      { id: 'c', command: 'c' },
      { id: 'd', command: 'd' },
    ],
  });
  world.machine.end('a');
  world.machine.end('c');
  await world.settle();
  expect(world.status(run)).toBe('stuck');
  expect(reports).toHaveLength(1);
  await world.end('d');
  expect(world.status(other)).toBe('succeeded');
});

test('a step that fails at once stops what was about to start beside it; that is no bug', async () => {
  const world = new World();
  const { reports } = world.host();
  const run = await world.run({
    steps: [
      {
        id: 'side',
        parallel: [
          { id: 'x', type: 'assert', that: 'false' },
          { id: 'a', command: 'a' },
          { id: 'y', type: 'assert', that: 'false' },
        ],
      },
    ],
  });
  expect(world.status(run)).toBe('failed');
  expect(world.machine.started).toEqual([]);
  expect(reports).toEqual([]);
});

test('a prerequisite that cannot even be looked at is one that is not met', async () => {
  const world = new World();
  world.host();
  const run = await world.run(
    { prerequisites: [{ disk: '1KB' }], steps: [{ id: 'a', command: 'a' }] },
    { cwd: '/nowhere/at/all' },
  );
  await world.until(() => world.status(run) !== 'queued');
  expect(world.state(run)).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('/nowhere/at/all'),
  });
});

test('all prerequisites that are not met are named before any step runs', async () => {
  const world = new World();
  world.host();
  const run = await world.run({
    prerequisites: [{ tool: 'no-such-tool' }, { env: 'NO_SUCH_VARIABLE' }],
    steps: [{ id: 'a', command: 'a' }],
  });
  await world.until(() => world.status(run) !== 'queued');
  const { status, reason } = world.state(run);
  expect(status).toBe('failed');
  expect(reason).toMatch(/no-such-tool.*NO_SUCH_VARIABLE/);
  expect(world.machine.started).toEqual([]);
});

test('outputs over the cap: text is cut with a warning, other values are a failure', async () => {
  const world = new World();
  world.host();
  const run = await world.run({
    steps: [
      { id: 'a', command: 'a', outputs: { all: '{{ stdout }}' } },
      { id: 'b', type: 'set', values: { list: '{{ range(1000000, 1009999) }}' } },
    ],
  });
  await world.end('a', { code: 0, stdout: `${'é'.repeat(40_000)}` });
  const { outputs, warnings } = world.state(run).byKey.get('a')!;
  expect(outputs).toEqual({ all: 'é'.repeat(32_768) });
  expect(warnings).toEqual([expect.stringContaining('80000')]);
  expect(world.state(run).byKey.get('b')?.failure?.code).toBe('output_too_large');
});
