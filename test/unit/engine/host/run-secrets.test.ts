/** Variables that a workflow asks for: a run goes on only where they are as they were. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Workflow } from '../../../../src/engine/core/model.ts';
import { secretsOf, World } from './world.ts';

const asking = { prerequisites: [{ env: 'TOKEN_A' }] } as object;
const workflow = {
  prerequisites: [
    { kind: 'env', env: 'TOKEN_A' },
    { kind: 'env', env: 'HOME' },
    { kind: 'tool', tool: 'node' },
  ],
} as unknown as Workflow;

test('digests are keyed, of what is asked for and set, and no value is in them', () => {
  const digests = secretsOf({ TOKEN_A: 'geheim', HOME: 'h', TOKEN_B: 'x' }).digests(workflow)!;
  expect(Object.keys(digests)).toEqual(['TOKEN_A']);
  expect(digests.TOKEN_A).toMatch(/^[0-9a-f]{64}$/);
  expect(secretsOf({}).digests(workflow)).toEqual({});
  expect(secretsOf({ TOKEN_A: 'x' }).digests({ prerequisites: [] } as unknown as Workflow)).toBeUndefined();
});

test.each([
  ['the same', { TOKEN_A: 'a' }, []],
  ['another value', { TOKEN_A: 'b' }, ['TOKEN_A']],
  ['none', {}, ['TOKEN_A']],
])('a process with %s', (_, environment, lacking) => {
  const secrets = secretsOf({ TOKEN_A: 'a' }).digests(workflow)!;
  expect(secretsOf(environment).lacking({ workflow, secrets })).toEqual(lacking);
});

test('a variable that was not set must not be set; a run of before these digests goes on anywhere', () => {
  expect(secretsOf({ TOKEN_A: 'a' }).lacking({ workflow, secrets: {} })).toEqual(['TOKEN_A']);
  expect(secretsOf({ TOKEN_A: 'a' }).lacking({ workflow })).toEqual([]);
});

const mine = { TOKEN_A: 'mine' };
const theirs = { TOKEN_A: 'theirs' };
const recorded = (environment: object) => ({ secrets: secretsOf({ ...environment }).digests(workflow)! });
const steps = {
  ...asking,
  steps: [
    { id: 'a', command: 'a' },
    { id: 'b', command: 'b' },
  ],
};
/** The check of prerequisites reads the variables of this very process. */
const begin = async (world: World): Promise<string> => {
  vi.stubEnv('TOKEN_A', 'mine');
  onTestFinished(() => void vi.unstubAllEnvs());
  const run = await world.run(steps, recorded(mine));
  await world.until(() => world.machine.running.length > 0);
  return run;
};

test('a run is left to the host that has its variables, also after that one dies', async () => {
  const world = new World();
  world.host({ environment: theirs });
  const first = world.host({ environment: mine });
  const run = await begin(world);
  expect(world.store.run(run)?.owner).toBe('h2');
  expect(world.machine.running).toEqual(['a']);
  first.die();
  await world.pass(60_000);
  await world.end('a');
  // a ended, and nobody with other variables has looked at it
  expect(world.steps(run)).toEqual({ a: 'running', b: 'pending' });
  world.host({ environment: mine });
  await world.settle();
  expect(world.machine.running).toEqual(['b']);
  expect(world.store.run(run)?.owner).toBe('h3');
});

test('a resume that brings new values hands a run under way from one host to the other', async () => {
  const world = new World();
  world.host({ environment: mine });
  world.host({ environment: theirs });
  const run = await begin(world);
  await world.ask(run, { type: 'run.resumed', by: 'ann', ...recorded(theirs) });
  await world.pass(2_000);
  expect(world.store.run(run)?.owner).toBe('h2');
  await world.end('a');
  await world.end('b');
  expect(world.status(run)).toBe('succeeded');
  expect(world.machine.started).toEqual(['a', 'b']);
});

test('runs that are passed over keep no host from the others', async () => {
  const world = new World();
  for (let n = 0; n < 70; n += 1)
    await world.run({ ...asking, steps: [{ command: 'never' }] }, recorded(mine));
  const last = await world.run({ steps: [{ command: 'last' }] });
  world.host({ environment: theirs });
  await world.settle();
  await world.pass(2_000);
  expect(world.machine.started).toEqual(['last']);
  await world.end('last');
  expect(world.status(last)).toBe('succeeded');
});
