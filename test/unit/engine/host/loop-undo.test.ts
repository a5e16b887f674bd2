/** Undos of iterations speak of the items that these ran with, whatever has become of their loop since. */
import { expect, test } from 'vitest';
import { World } from './world.ts';

const each = (items: unknown, undo = 'un {{ item }}') => ({
  id: 'mk',
  foreach: items,
  effects: 'remote',
  command: 'mk {{ item }}',
  undo,
});

/** What the process that runs now would do, with the values of its variables. */
function underWay(world: World): string {
  const { script, spec } = world.machine.find(world.machine.running[0] ?? 'none');
  return script.replaceAll(/"?\$\{?(BELAY_V\w*)\}?"?/g, (_, name: string) => spec.env[name] ?? 'unset');
}

const end = (world: World, code = 0): Promise<void> =>
  world.end(world.machine.running[0] ?? 'none', { code });

test('a loop that was put back and never opened again is undone with its items', async () => {
  const world = new World();
  world.host();
  const run = await world.run({
    steps: [
      { id: 'a', command: 'a', effects: 'none' },
      each(['x', 'y']),
      { id: 'f', command: 'f', effects: 'none' },
    ],
  });
  await end(world);
  await end(world);
  await end(world);
  await end(world, 1);
  await world.ask(run, { type: 'run.resumed', by: 'ann', from_step: 'a' });
  await end(world, 1);
  await world.ask(run, { type: 'unwind.requested', strategy: 'graceful', by: 'ann' });
  expect(underWay(world)).toBe('un y');
  await end(world);
  expect(underWay(world)).toBe('un x');
  await end(world);
  expect(world.status(run)).toBe('rolled_back');
});

test('a loop that ran again over other items: what it did with the first ones is said to stay', async () => {
  const world = new World();
  world.host();
  const run = await world.run(
    { inputs: { hosts: { type: 'array', default: [] } }, steps: [each('inputs.hosts')] },
    { inputs: { hosts: ['a', 'b'] } },
  );
  await end(world);
  await end(world, 1);
  await world.ask(run, { type: 'run.resumed', by: 'ann', from_step: 'mk', inputs: { hosts: ['z'] } });
  await end(world);
  await world.ask(run, { type: 'unwind.requested', strategy: 'graceful', by: 'ann' });
  expect(underWay(world)).toBe('un z');
  await end(world);
  expect(underWay(world)).toBe('un b');
  await end(world);
  expect(world.state(run)).toMatchObject({
    status: 'rolled_back',
    reason: expect.stringContaining('`mk[0]` did before'),
  });
});
