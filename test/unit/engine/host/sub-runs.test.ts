/** Steps whose work is another run: linked, followed over the death of hosts, cancelled and taken back with theirs. */
import { describe, expect, test } from 'vitest';
import { ok } from '../../../../src/engine/core/failure.ts';
import type { ArtifactGiver } from '../../../../src/engine/core/ports.ts';
import { World } from './world.ts';

const INNER = {
  name: 'inner',
  inputs: { what: { type: 'string', required: true }, times: { type: 'integer', default: 2 } },
  outputs: { both: '{{ inputs.what + string(inputs.times) }}' },
  steps: [{ id: 'work', command: 'work', undo: 'unwork' }],
};
const call = (more: object = {}) => ({
  id: 'sub',
  workflow: 'inner',
  inputs: { what: '{{ run.workflow }}' },
  ...more,
});
const OUTER = {
  steps: [call({ outputs: { id: '{{ outputs.run_id }}' } }), { id: 'after', command: 'after' }],
};

const runsOf = (world: World, workflow: string): readonly string[] =>
  world.store.runs({ limit: 100, workflow }).runs.map(({ runId }) => runId);
const childOf = (world: World): string => runsOf(world, 'inner')[0] ?? 'none';

test('the inner run gets its inputs, and its outputs are the step’s', async () => {
  const world = new World();
  world.host();
  const run = await world.run(OUTER, {}, [INNER]);
  const child = childOf(world);
  expect(world.state(child)).toMatchObject({
    status: 'running',
    inputs: { what: 'test', times: 2 },
    parent: { run, step: 'sub', depth: 1 },
  });
  expect(world.steps(run)).toMatchObject({ sub: 'running', after: 'pending' });
  await world.end('work');
  expect(world.state(run).byKey.get('sub')?.outputs).toEqual({ both: 'test2', id: child });
  await world.end('after');
  expect(world.status(run)).toBe('succeeded');
});

test('a step that waits for its run holds no slot', async () => {
  const world = new World();
  world.host({ slots: { host: 1, run: 1 } });
  const run = await world.run(OUTER, {}, [INNER]);
  await world.end('work');
  await world.end('after');
  expect(world.status(run)).toBe('succeeded');
});

test.each([
  ['before it was begun', false],
  ['while it runs', true],
])('the host dies %s: the next one follows the same run', async (_, isThere) => {
  const world = new World();
  const first = world.host(isThere ? {} : { between: () => ({ create: () => ({ ok: true, value: {} }) }) });
  const run = await world.run(OUTER, {}, [INNER]);
  expect(runsOf(world, 'inner')).toHaveLength(isThere ? 1 : 0);
  first.die();
  world.host();
  await world.settle();
  expect(runsOf(world, 'inner')).toHaveLength(1);
  await world.end('work');
  await world.end('after');
  expect(world.status(run)).toBe('succeeded');
});

test('it fails: the step fails with its reason, and a retry is another run', async () => {
  const world = new World();
  world.host();
  const retry = { attempts: 2, delay: 0, jitter: 0 };
  const run = await world.run({ steps: [call({ retry })] }, {}, [INNER]);
  const first = childOf(world);
  await world.end('work', { code: 3 });
  await world.pass(1);
  expect(runsOf(world, 'inner')).toHaveLength(2);
  await world.end('work', { code: 4 });
  expect(world.state(run)).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('exit code 4'),
  });
  expect(world.state(run).byKey.get('sub')?.failure).toMatchObject({ code: 'run_failed' });
  expect(world.status(first)).toBe('failed');
});

test('inputs that turn out not to fit: nothing is started, and the step says why', async () => {
  const world = new World();
  world.host();
  const run = await world.run({ steps: [call({ inputs: { what: '{{ 7 }}' } })] }, {}, [INNER]);
  expect(world.status(run)).toBe('failed');
  expect(world.state(run).byKey.get('sub')?.failure).toMatchObject({
    code: 'run_not_started',
    message: expect.stringContaining('`what`'),
  });
  expect(runsOf(world, 'inner')).toEqual([]);
});

test('a cancel goes through, and so does a timeout of the step', async () => {
  const world = new World();
  world.host();
  const run = await world.run(OUTER, {}, [INNER]);
  const child = childOf(world);
  await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
  await world.end('work', { signal: 'SIGTERM', stopped: 'cancelled' });
  expect(world.status(child)).toBe('cancelled');
  expect(world.status(run)).toBe('cancelled');
  const late = await world.run({ steps: [call({ timeout: '5s' })] }, {}, [INNER]);
  await world.pass(5_000);
  await world.end('work', { signal: 'SIGTERM', stopped: 'cancelled' });
  expect(world.state(late).byKey.get('sub')?.failure).toMatchObject({ code: 'timeout' });
});

test('a rollback goes through: the inner run is taken back, in its place in the order', async () => {
  const world = new World();
  world.host();
  const steps = [
    { id: 'before', command: 'before', undo: 'unbefore' },
    call(),
    { id: 'last', command: 'last' },
  ];
  const run = await world.run({ steps, on_failure: 'rollback' }, {}, [INNER]);
  await world.end('before');
  const child = childOf(world);
  await world.end('work');
  await world.end('last', { code: 1 });
  expect(world.machine.running).toEqual(['unwork']);
  expect(world.status(child)).toBe('rolling_back');
  await world.end('unwork');
  expect(world.status(child)).toBe('rolled_back');
  expect(world.machine.running).toEqual(['unbefore']);
  await world.end('unbefore');
  expect(world.status(run)).toBe('rolled_back');
});

test('a step that was tried again: every run that it started is taken back, the last one first', async () => {
  const world = new World();
  world.host();
  const inner = { ...INNER, steps: [{ id: 'first', command: 'first', undo: 'unfirst' }, ...INNER.steps] };
  const retry = { attempts: 2, delay: 0, jitter: 0 };
  const steps = [call({ retry }), { id: 'last', command: 'last' }];
  const run = await world.run({ steps, on_failure: 'rollback' }, {}, [inner]);
  await world.end('first');
  await world.end('work', { code: 1 });
  await world.pass(1);
  const [first = '', second = ''] = world.state(run).byKey.get('sub')?.innerRuns ?? [];
  await world.end('first');
  await world.end('work');
  await world.end('last', { code: 1 });
  await world.end('unwork');
  await world.end('unfirst');
  expect([world.status(second), world.status(first)]).toEqual(['rolled_back', 'rolling_back']);
  await world.end('unwork');
  await world.end('unfirst');
  expect(world.status(first)).toBe('rolled_back');
  expect(world.status(run)).toBe('rolled_back');
});

test('an inner run that cannot be taken back leaves the outer one stuck, by name', async () => {
  const world = new World();
  world.host();
  const run = await world.run(
    { steps: [call(), { id: 'last', command: 'last' }], on_failure: 'rollback' },
    {},
    [INNER],
  );
  const child = childOf(world);
  await world.end('work');
  await world.end('last', { code: 1 });
  await world.end('unwork', { code: 1 });
  expect(world.status(child)).toBe('stuck');
  expect(world.state(run)).toMatchObject({ status: 'stuck', reason: expect.stringContaining(child) });
});

describe('what its inputs refer to is on the way', () => {
  const inner = {
    ...INNER,
    inputs: { what: { type: 'string' }, times: { type: 'integer', default: 2 }, file: { type: 'file' } },
  };
  const steps = [call({ inputs: { what: 'x', file: 'artifact:build/bundle@latest' } })];

  /** One that takes its time. */
  function slowGiver() {
    const given: (() => void)[] = [];
    const giver: ArtifactGiver = {
      give: (_, inputs) =>
        new Promise((resolve) =>
          given.push(() => resolve(ok({ inputs: { ...inputs, file: '/brought' }, given: [] }))),
        ),
    };
    return { giver, given };
  }

  test('the run is begun when it is there', async () => {
    const world = new World();
    const { giver, given } = slowGiver();
    world.host({ giver });
    const run = await world.run({ steps }, {}, [inner]);
    expect(runsOf(world, 'inner')).toEqual([]);
    given[0]?.();
    await world.settle();
    expect(world.state(childOf(world)).inputs).toMatchObject({ file: '/brought' });
    await world.end('work');
    expect(world.status(run)).toBe('succeeded');
  });

  test('a step that is told to end meanwhile begins no run', async () => {
    const world = new World();
    const { giver, given } = slowGiver();
    world.host({ giver });
    const run = await world.run({ steps }, {}, [inner]);
    await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
    await world.settle();
    expect(world.status(run)).toBe('cancelled');
    given[0]?.();
    await world.settle();
    expect(runsOf(world, 'inner')).toEqual([]);
  });

  test('storage fails when it is there: the host hears of it, and begins it later', async () => {
    const world = new World();
    const { giver, given } = slowGiver();
    let isBroken = false;
    const { reports } = world.host({
      giver,
      between: ({ create }) => ({
        create: (...request) => {
          if (isBroken) throw Object.assign(new Error('disk I/O error'), { name: 'StorageError' });
          return create(...request);
        },
      }),
    });
    const run = await world.run({ steps }, {}, [inner]);
    isBroken = true;
    given[0]?.();
    await world.settle();
    expect(reports).toEqual([expect.stringContaining('disk I/O error')]);
    isBroken = false;
    await world.pass(10_000);
    given[1]?.();
    await world.settle();
    await world.end('work');
    expect(world.status(run)).toBe('succeeded');
    expect(runsOf(world, 'inner')).toHaveLength(1);
  });

  test('the next host brings it anew', async () => {
    const world = new World();
    const { giver, given } = slowGiver();
    const first = world.host({ giver });
    const run = await world.run({ steps }, {}, [inner]);
    first.die();
    world.host({ giver });
    await world.settle();
    expect(given).toHaveLength(2);
    given[1]?.();
    await world.settle();
    await world.end('work');
    expect(world.status(run)).toBe('succeeded');
    expect(runsOf(world, 'inner')).toHaveLength(1);
  });
});
