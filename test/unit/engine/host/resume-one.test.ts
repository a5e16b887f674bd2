/** Running one failed branch again, while the others stay as they are. */
import { expect, test } from 'vitest';
import { World } from './world.ts';

const command = (id: string, more: object = {}) => ({ id, command: id, ...more });

/** Two branches that have failed, each with a step behind it, and one that needs both. */
async function twoFailed() {
  const world = new World();
  world.host();
  const steps = [
    command('a', { needs: [] }),
    command('b', { needs: [] }),
    command('after-a', { needs: ['a'] }),
    command('after-b', { needs: ['b'] }),
    command('join', { needs: ['after-a', 'after-b'] }),
  ];
  const run = await world.run({ steps });
  await world.end('a', { code: 1 });
  await world.end('b', { code: 2 });
  return { world, run };
}

test('only the branch that is named runs again, to its end; the run is still failed, by the other', async () => {
  const { world, run } = await twoFailed();
  await world.ask(run, { type: 'run.resumed', by: 'ann', from_step: 'b', only: true });
  expect(world.machine.running).toEqual(['b']);
  await world.end('b');
  expect(world.machine.running).toEqual(['after-b']);
  await world.end('after-b');
  expect(world.state(run)).toMatchObject({ status: 'failed', reason: expect.stringContaining('`a`') });
  expect(world.steps(run)).toMatchObject({
    a: 'failed',
    b: 'succeeded',
    'after-b': 'succeeded',
    join: 'pending',
  });
});

test('and then the other one: what needs both runs at last', async () => {
  const { world, run } = await twoFailed();
  await world.ask(run, { type: 'run.resumed', by: 'ann', from_step: 'b', only: true });
  await world.end('b');
  await world.end('after-b');
  await world.ask(run, { type: 'run.resumed', by: 'ann', from_step: 'a', only: true });
  for (const id of ['a', 'after-a', 'join']) await world.end(id);
  expect(world.status(run)).toBe('succeeded');
});

test('the branch fails once more: the run has failed, and nothing is left behind', async () => {
  const { world, run } = await twoFailed();
  await world.ask(run, { type: 'run.resumed', by: 'ann', from_step: 'b', only: true });
  await world.end('b', { code: 3 });
  expect(world.state(run)).toMatchObject({ status: 'failed', done: 2 });
  await world.ask(run, { type: 'run.resumed', by: 'ann' });
  expect(world.machine.running).toEqual(['a', 'b']);
});

test('without a step it means nothing', async () => {
  const { world, run } = await twoFailed();
  await expect(world.ask(run, { type: 'run.resumed', by: 'ann', only: true })).rejects.toThrow('`only`');
});
