/** Runs that are given earlier results: when one stands for a step, what it brings, who makes it, and what is never kept. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CACHE_LOOK_MS, LEASE_MS, LEASE_RENEW_MS } from '../../../../src/engine/core/limits.ts';
import { CacheWorld, started } from './cache-world.ts';
import { calling, Remote } from './remote.ts';

const shell = (more: object = {}) => ({
  checkpoints: false,
  steps: [{ id: 'a', command: 'make', use_cache: true, ...more }],
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('an earlier result stands for a step', () => {
  test('with its outputs, exit code and streams, and says whose it is', async () => {
    const world = started(new CacheWorld());
    const definition = {
      steps: [
        { id: 'a', command: 'make', use_cache: true, outputs: { word: '{{ trim(stdout) }}' } },
        { id: 'b', type: 'assert', condition: "a.outputs.word == 'said' && a.stdout == 'said\\n'" },
      ],
    };
    const first = await world.whole(definition);
    const second = await world.whole(definition);
    expect([world.statuses(first), world.statuses(second)]).toEqual([
      ['succeeded', 'succeeded'],
      ['cached', 'succeeded'],
    ]);
    expect(world.machine.started).toEqual(['make']);
    expect(world.events(second).find(({ type }) => type === 'step.cached')).toMatchObject({
      outputs: { word: 'said' },
      exit_code: 0,
      from: { run: first, step: 'a' },
    });
    expect(world.state(second).byKey.get('a')?.attempt).toBe(0);
  });

  test.each<[string, object, object]>([
    ['its script', {}, { command: 'make all' }],
    ['its environment', {}, { env: { MODE: 'fast' } }],
    ['its outputs', {}, { outputs: { code: '{{ exit_code }}' } }],
    ['its shell', {}, { shell: 'sh' }],
    ['its version', {}, { cache_version: 2 }],
    ['its scope', {}, { cache: { scope: 'user' } }],
    ['its directory', {}, { cwd: '.' }],
  ])('no longer when %s is another', async (_, one, other) => {
    const world = started(new CacheWorld());
    await world.whole(shell(one));
    expect(world.statuses(await world.whole(shell(other)))).toEqual(['succeeded']);
    expect(world.statuses(await world.whole(shell(one)))).toEqual(['cached']);
    expect(world.statuses(await world.whole(shell(other)))).toEqual(['cached']);
  });

  test('whatever else is said of it: id, description, timeout, retries', async () => {
    const world = started(new CacheWorld());
    await world.whole(shell());
    const more = { id: 'z', description: 'the same', timeout: '5m', retry: { attempts: 2 } };
    expect(world.statuses(await world.whole(shell(more)))).toEqual(['cached']);
  });

  test('as long as what its templates are worth is the same', async () => {
    const world = started(new CacheWorld());
    const definition = {
      ...shell({ command: 'make {{ inputs.what }}' }),
      inputs: { what: { type: 'string' }, other: { type: 'string' } },
    };
    const run = async (inputs: object) =>
      world.statuses(await world.whole(definition, undefined, 0, { inputs }));
    expect(await run({ what: 'x', other: '1' })).toEqual(['succeeded']);
    expect(await run({ what: 'x', other: '2' })).toEqual(['cached']);
    expect(await run({ what: 'y', other: '1' })).toEqual(['succeeded']);
  });

  test('as long as the files and variables that it names are the same', async () => {
    const world = started(new CacheWorld());
    const definition = { ...shell({ cache: { files: ['one'], env: ['MODE'] } }), env: { MODE: 'm' } };
    await world.whole(definition);
    world.write('two', 'another');
    expect(world.statuses(await world.whole(definition))).toEqual(['cached']);
    world.write('one', 'another');
    expect(world.statuses(await world.whole(definition))).toEqual(['succeeded']);
    expect(world.statuses(await world.whole({ ...definition, env: { MODE: 'n' } }))).toEqual(['succeeded']);
  });

  test('with a key of its author nothing else counts, for that step of that workflow', async () => {
    const world = started(new CacheWorld());
    const keyed = (command: string, more: object = {}) =>
      shell({ command, cache_key: 'k-{{ 1 + 1 }}', ...more });
    await world.whole(keyed('one'));
    expect(world.statuses(await world.whole(keyed('two')))).toEqual(['cached']);
    expect(world.statuses(await world.whole(keyed('two', { id: 'b' })))).toEqual(['succeeded']);
    expect(world.statuses(await world.whole({ ...keyed('two'), name: 'other' }))).toEqual(['succeeded']);
    const shared = { cache: { scope: 'user' } };
    await world.whole(keyed('three', shared));
    expect(
      world.statuses(await world.whole({ ...keyed('four', { ...shared, id: 'c' }), name: 'x' })),
    ).toEqual(['cached']);
    expect(world.cache.list({ limit: 9, workflow: 'other' })[0]?.label).toBe('k-2');
  });

  test('in its scope: the run, the project, the user', async () => {
    const world = started(new CacheWorld());
    const other = join(world.folder, 'other');
    mkdirSync(join(other, '.git'), { recursive: true });
    mkdirSync(join(other, 'inside'));
    const of = async (scope: string, cwd: string) => {
      const steps = ['a', 'b'].map((id) => ({ id, command: 'make', cache: { scope } }));
      return world.statuses(await world.whole({ steps }, undefined, 0, { cwd }));
    };
    expect(await of('run', other)).toEqual(['succeeded', 'cached']);
    expect(await of('run', other)).toEqual(['succeeded', 'cached']);
    expect(await of('project', other)).toEqual(['succeeded', 'cached']);
    expect(await of('project', other)).toEqual(['cached', 'cached']);
    // the same project, but another place in it
    expect(await of('project', join(other, 'inside'))).toEqual(['succeeded', 'cached']);
    expect(await of('user', other)).toEqual(['succeeded', 'cached']);
    expect(await of('user', world.tree)).toEqual(['cached', 'cached']);
  });

  test('for its time, and unless the run wants none', async () => {
    const world = started(new CacheWorld());
    const definition = shell({ cache: { ttl: '1h' } });
    await world.whole(definition);
    const without = await world.whole(definition, undefined, 0, { no_cache: true });
    expect(world.statuses(without)).toEqual(['succeeded']);
    expect(world.events(without).find(({ type }) => type === 'step.started')).not.toHaveProperty('cache_key');
    await world.pass(3_599_000);
    expect(world.statuses(await world.whole(definition))).toEqual(['cached']);
    await world.pass(1_000);
    expect(world.statuses(await world.whole(definition))).toEqual(['succeeded']);
  });

  test('for a step that ends as it begins', async () => {
    const world = started(new CacheWorld());
    const definition = { steps: [{ id: 'a', type: 'set', values: { x: 1 }, use_cache: true }] };
    await world.whole(definition);
    const second = await world.whole(definition);
    expect(world.statuses(second)).toEqual(['cached']);
    expect(world.state(second).byKey.get('a')?.outputs).toEqual({ x: 1 });
  });

  test('for one that makes a call', async () => {
    const world = new CacheWorld();
    const remote = new Remote();
    world.host({ stepType: remote.stepType });
    const definition = { steps: [calling('a', { method: 'GET', use_cache: true })] };
    await world.run(definition);
    await world.until(() => remote.calls.length === 1);
    remote.last.answer({ ok: true, outputs: { body: 'b' } });
    await world.settle();
    const second = await world.whole(definition);
    expect([world.statuses(second), remote.calls.length]).toEqual([['cached'], 1]);
    expect(world.state(second).byKey.get('a')?.outputs).toEqual({ body: 'b' });
  });
});

describe('one makes what several want', () => {
  /** Two runs of the same step: the first makes it. */
  async function two(hosts: 1 | 2 = 1) {
    const world = new CacheWorld();
    const first = world.host();
    const one = await world.run(shell());
    await world.until(() => world.machine.running.length === 1);
    if (hosts === 2) world.host();
    const other = await world.run(shell());
    await world.pass(CACHE_LOOK_MS);
    expect([world.steps(other), world.machine.started]).toEqual([{ a: 'pending' }, ['make']]);
    return { world, first, one, other };
  }

  test('the others wait for it, without a slot', async () => {
    const { world, other } = await two();
    const beside = await world.run({ steps: [{ id: 'x', command: 'else' }] });
    await world.end('else');
    expect(world.status(beside)).toBe('succeeded');
    await world.pass(LEASE_MS * 3);
    expect(world.machine.started).toEqual(['make', 'else']);
    await world.end('make');
    await world.pass(CACHE_LOOK_MS);
    expect(world.statuses(other)).toEqual(['cached']);
  });

  test('the next one when it fails', async () => {
    const { world, one, other } = await two();
    await world.end('make', { code: 3 });
    expect(world.status(one)).toBe('failed');
    await world.pass(CACHE_LOOK_MS);
    expect(world.machine.started).toEqual(['make', 'make']);
    await world.end('make');
    expect(world.statuses(other)).toEqual(['succeeded']);
  });

  test('the same when the host of the first dies: the next host goes on with it', async () => {
    const { world, first, one, other } = await two();
    first.die();
    world.host();
    await world.pass(LEASE_RENEW_MS);
    await world.pass(LEASE_MS * 2);
    expect(world.machine.started).toEqual(['make']);
    await world.end('make');
    await world.pass(CACHE_LOOK_MS);
    expect([world.statuses(one), world.statuses(other)]).toEqual([['succeeded'], ['cached']]);
  });

  test('the next one when nobody hears of it any more', async () => {
    const world = started(new CacheWorld());
    await world.whole(shell());
    const [{ key = '' } = {}] = world.cache.list({ limit: 1 });
    world.cache.remove([key]);
    world.cache.find({ key, holder: 'gone', nowMs: world.machine.now });
    const run = await world.run(shell());
    await world.pass(LEASE_MS - 1);
    expect(world.machine.running).toEqual([]);
    await world.pass(CACHE_LOOK_MS);
    expect(world.machine.running).toEqual(['make']);
    await world.end('make');
    expect(world.statuses(run)).toEqual(['succeeded']);
  });

  test('a run that is cancelled while it waits is over at once', async () => {
    const { world, other } = await two();
    await world.ask(other, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
    expect(world.status(other)).toBe('cancelled');
  });

  test('iterations of one loop too', async () => {
    const world = started(new CacheWorld());
    const steps = [{ id: 'a', command: 'make', use_cache: true, foreach: [1, 2, 3], max_parallel: 3 }];
    const run = await world.run({ steps });
    await world.until(() => world.machine.running.length === 1);
    await world.end('make');
    await world.pass(CACHE_LOOK_MS);
    expect(world.status(run)).toBe('succeeded');
    expect(world.machine.started).toEqual(['make']);
  });
});

describe('never kept is', () => {
  test('what failed', async () => {
    const world = started(new CacheWorld());
    await world.whole(shell(), undefined, 1);
    await world.whole(shell({ on_failure: 'continue' }), undefined, 1);
    expect(world.cache.stats()).toMatchObject({ entries: 0, kept: 0 });
  });

  test('what holds the value of a secret, in an output or a file', async () => {
    vi.stubEnv('DEPLOY_TOKEN', 'hunter22');
    const world = new CacheWorld();
    world.host({ environment: { DEPLOY_TOKEN: 'hunter22' } });
    const asking = { prerequisites: [{ env: 'DEPLOY_TOKEN' }] };
    const leaking = { ...shell({ outputs: { token: '{{ env.DEPLOY_TOKEN }}' } }), ...asking };
    await world.whole(leaking);
    expect(world.cache.stats().entries).toBe(0);
    const filed = { ...shell({ cache: { paths: ['out'] } }), ...asking };
    await world.whole(filed, () => world.write('out', 'it is hunter22'));
    expect(world.cache.stats().entries).toBe(0);
    const named = {
      ...shell({ cache_key: 'k-{{ env.DEPLOY_TOKEN }}', cache: { tags: ['hunter22'] } }),
      ...asking,
    };
    await world.whole(named);
    expect(world.cache.list({ limit: 9 })).toMatchObject([{ label: 'k-***', tags: ['***'] }]);
    const files = ['cache.db', 'cache.db-wal'].map((name) =>
      readFileSync(join(world.folder, 'home', name), 'latin1'),
    );
    expect(files.join('')).not.toContain('hunter22');
  });

  test('what was made of something that has changed meanwhile', async () => {
    const world = started(new CacheWorld());
    const definition = shell({ cache: { files: ['one'] } });
    await world.whole(definition, () => world.write('one', 'changed by somebody'));
    expect(world.cache.stats().entries).toBe(0);
    await world.whole(definition);
    expect(world.cache.stats().entries).toBe(1);
  });
});

test('a cache that cannot be used fails no step', async () => {
  const world = new CacheWorld();
  const broken = new Proxy(world.cache, {
    get: () => () => {
      throw new Error('the disk is gone');
    },
  });
  world.host({ cache: broken });
  expect(world.statuses(await world.whole(shell()))).toEqual(['succeeded']);
});
