/** `else` and handlers of failures, as runs go through them. */
import { expect, test } from 'vitest';
import { World } from './world.ts';

async function runOf(steps: readonly object[], more: object = {}) {
  const world = new World();
  world.host();
  const run = await world.run({ steps, ...more });
  return { world, run };
}

const command = (id: string, more: object = {}) => ({ id, command: id, ...more });
const choice = (when: string, more: object = {}) =>
  command('a', { when, else: [command('b'), command('c')], ...more });

test('when says yes: the step runs, and its else does not', async () => {
  const { world, run } = await runOf([choice('true'), command('z')]);
  expect(world.machine.running).toEqual(['a']);
  await world.end('a');
  expect(world.machine.running).toEqual(['z']);
  expect(world.steps(run)).toMatchObject({ a: 'succeeded', 'a:else': 'skipped' });
});

test('when says no: the steps of else run in order, and what follows waits for them', async () => {
  const { world, run } = await runOf([choice('false'), command('z')]);
  expect(world.machine.running).toEqual(['b']);
  await world.end('b');
  await world.end('c');
  expect(world.machine.running).toEqual(['z']);
  await world.end('z');
  expect(world.status(run)).toBe('succeeded');
});

test('a step whose name has a hyphen may have both', async () => {
  const named = { else: [command('b')], when: 'false', id: 'a-step' };
  const failing = command('a-failure', { on_failure: { steps: [command('c')], policy: 'stop' } });
  const { world, run } = await runOf([command('a', named), failing]);
  await world.end('b');
  await world.end('a-failure', { code: 3 });
  await world.end('c');
  expect(world.state(run)).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('step `a-failure` failed: exit code 3'),
  });
});

test('who needs the step by name waits for its else too', async () => {
  const { world } = await runOf([
    choice('false'),
    command('y', { needs: [] }),
    command('z', { needs: ['a'] }),
  ]);
  expect(world.machine.running).toEqual(['y', 'b']);
  await world.end('b');
  expect(world.machine.running).toEqual(['y', 'c']);
});

test('else of else', async () => {
  const inner = command('b', { when: 'false', else: [command('c')] });
  const { world } = await runOf([command('a', { when: 'false', else: [inner] })]);
  expect(world.machine.running).toEqual(['c']);
});

const handled = (more: object = {}) =>
  command('a', { on_failure: { steps: [{ id: 'h', command: 'echo {{ steps.a.exit_code }}' }], ...more } });

test('a handler runs when the step has failed, and the run goes on: partial', async () => {
  const { world, run } = await runOf([handled(), command('z')]);
  await world.end('a', { code: 3 });
  expect(world.steps(run)).toMatchObject({ a: 'soft_failed', h: 'running', z: 'pending' });
  await world.end(world.machine.running[0]!);
  await world.end('z');
  expect(world.status(run)).toBe('partial');
});

test('a step that succeeds has no use for its handler', async () => {
  const { world, run } = await runOf([handled(), command('z')]);
  await world.end('a');
  await world.end('z');
  expect(world.steps(run)).toMatchObject({ 'a:failed': 'skipped' });
  expect(world.status(run)).toBe('succeeded');
});

test('policy stop: after the handler the run fails with the reason of the step', async () => {
  const { world, run } = await runOf([handled({ policy: 'stop' }), command('z')]);
  await world.end('a', { code: 3 });
  await world.end(world.machine.running[0]!);
  expect(world.state(run)).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/`a` failed.*exit code 3/),
  });
});

test('policy rollback: after the handler the run is taken back', async () => {
  const { world, run } = await runOf([
    command('first', { undo: 'unfirst' }),
    handled({ policy: 'rollback' }),
  ]);
  await world.end('first');
  await world.end('a', { code: 3 });
  await world.end(world.machine.running[0]!);
  expect(world.machine.running).toEqual(['unfirst']);
  await world.end('unfirst');
  expect(world.status(run)).toBe('rolled_back');
});

test('a handler that fails itself fails the run', async () => {
  const { world, run } = await runOf([handled(), command('z')]);
  await world.end('a', { code: 3 });
  await world.end(world.machine.running[0]!, { code: 4 });
  expect(world.state(run)).toMatchObject({ status: 'failed', reason: expect.stringContaining('`h`') });
});

test('else and a handler on one step', async () => {
  const both = handled({ policy: 'continue' });
  const { world, run } = await runOf([{ ...both, when: 'false', else: [command('b')] }, command('z')]);
  expect(world.machine.running).toEqual(['b']);
  await world.end('b');
  await world.end('z');
  expect(world.status(run)).toBe('succeeded');
});

test('a step that was never opened may be asked for its status', async () => {
  const cleanup = [{ id: 'last', type: 'set', values: { b: '{{ steps.b.status }}' } }];
  const { world, run } = await runOf([choice('true')], { cleanup });
  await world.end('a');
  expect(world.state(run)).toMatchObject({ status: 'succeeded' });
  expect(world.state(run).byKey.get('last')?.outputs).toEqual({ b: 'skipped' });
});

test('the handler of a loop reads the failure of its first iteration that failed', async () => {
  const loop = {
    id: 'a',
    foreach: [1, 2],
    command: 'a {{ item }}',
    on_failure: {
      policy: 'stop',
      steps: [{ id: 'h', type: 'set', values: { m: '{{ steps.a.error.message }}' } }],
    },
  };
  const { world, run } = await runOf([loop]);
  await world.end(world.machine.running[0]!, { code: 3 });
  await world.end(world.machine.running[0]!);
  expect(world.state(run).byKey.get('h')?.outputs).toEqual({ m: 'exit code 3' });
  expect(world.state(run).reason).toMatch(/step `a` failed: exit code 3$/);
});
