/** Runs that go on with another definition: what is kept, what begins anew, what is still taken back as before. */
import { expect, test } from 'vitest';
import { readDefinition } from '../../../../src/definition/read-definition.ts';
import type { JsonObject, Workflow } from '../../../../src/engine/core/model.ts';
import { changedSteps } from '../../../../src/engine/core/redefine.ts';
import { stepTypes } from '../../../../src/steps/catalogue.ts';
import { World } from './world.ts';

const command = (id: string, more: object = {}) => ({ id, command: id, ...more });

function workflowOf(steps: readonly object[]): Workflow {
  const { workflow, diagnostics } = readDefinition(
    { value: { name: 'test', checkpoints: false, steps } },
    stepTypes,
  );
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return workflow;
}

/** A run of `a`, `b`, `c` one after the other in which `b` has failed, resumed with these steps. */
async function resumedWith(
  steps: readonly object[],
  first: readonly object[] = [command('a', { undo: 'una' }), command('b'), command('c')],
) {
  const world = new World();
  world.host();
  const run = await world.run({ steps: first });
  await world.end('a');
  await world.end('b', { code: 1 });
  const workflow = workflowOf(steps);
  await world.ask(run, {
    type: 'run.resumed',
    by: 'ann',
    definition: workflow as unknown as JsonObject,
    digest: 'second',
  });
  return { world, run };
}

test('a step that is mended runs again as it is now; what succeeded and is the same is kept', async () => {
  const { world, run } = await resumedWith([
    command('a', { undo: 'una' }),
    { id: 'b', command: 'better' },
    command('c'),
  ]);
  expect(world.machine.running).toEqual(['better']);
  await world.end('better');
  await world.end('c');
  expect(world.state(run)).toMatchObject({ status: 'succeeded', digest: 'second', earlierDigests: [''] });
  expect(world.state(run).byKey.get('b')).toMatchObject({ attempt: 2 });
});

test('a step that succeeded and is not the same begins anew, with everything after it', async () => {
  const { world } = await resumedWith([{ id: 'a', command: 'other' }, command('b'), command('c')]);
  expect(world.machine.running).toEqual(['other']);
  await world.end('other');
  expect(world.machine.running).toEqual(['b']);
});

test('new steps run in their places, steps that are gone are forgotten', async () => {
  const { world, run } = await resumedWith([
    command('a', { undo: 'una' }),
    command('new'),
    command('c', { needs: ['a'] }),
  ]);
  expect(world.machine.running).toEqual(['new', 'c']);
  await world.end('new');
  await world.end('c');
  expect(world.state(run)).toMatchObject({ status: 'succeeded', done: 3, total: 3 });
  expect(world.steps(run)).not.toHaveProperty('b');
});

test('a new step in front of others: they follow it, though they had succeeded', async () => {
  const { world } = await resumedWith([command('new'), command('a', { undo: 'una' }), command('b')]);
  expect(world.machine.running).toEqual(['new']);
  await world.end('new');
  expect(world.machine.running).toEqual(['a']);
});

test('what an earlier definition did is taken back as that one says', async () => {
  const { world, run } = await resumedWith([command('z')]);
  await world.end('z');
  await world.ask(run, { type: 'unwind.requested', strategy: 'graceful', by: 'ann' });
  expect(world.machine.running).toEqual(['una']);
  await world.end('una');
  expect(world.status(run)).toBe('rolled_back');
});

test('inside of groups only what differs begins anew', async () => {
  const group = (body: readonly object[]) => [{ id: 'g', steps: body }, command('last')];
  const { world, run } = await resumedWith(
    group([command('a'), command('b2')]),
    group([command('a'), command('b')]),
  );
  expect(world.machine.running).toEqual(['b2']);
  await world.end('b2');
  await world.end('last');
  expect(world.status(run)).toBe('succeeded');
});

test('the journal alone brings the same run back', async () => {
  const { world, run } = await resumedWith([command('a', { undo: 'una' }), command('new'), command('b')]);
  const first = world.host();
  await world.end('new');
  first.die();
  world.host();
  await world.settle();
  await world.end('b');
  expect(world.status(run)).toBe('succeeded');
});

test('which steps differ, wherever they stand', () => {
  const of = (steps: readonly object[]) => workflowOf(steps).steps;
  const before = of([command('a'), { id: 'g', steps: [command('x'), command('y')] }, command('z')]);
  expect(changedSteps(before, before)).toEqual([]);
  const after = of([
    command('a'),
    { id: 'g', steps: [command('x'), { id: 'y', command: 'other' }] },
    command('n'),
    command('z'),
  ]);
  expect(changedSteps(before, after)).toEqual(['y', 'n', 'z']);
});
