/** Files of earlier results: they come back behind a checkpoint, whole or not at all, whoever brings them. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { err } from '../../../../src/engine/core/failure.ts';
import type { StepCache } from '../../../../src/engine/core/step-cache.ts';
import { CacheWorld, started } from './cache-world.ts';

describe('files', () => {
  const build = {
    checkpoints: { paths: ['.'] },
    steps: [{ id: 'a', command: 'make', cache: { paths: ['out'] } }],
  };
  const make = (world: CacheWorld) => () => {
    mkdirSync(join(world.tree, 'out'), { recursive: true });
    writeFileSync(join(world.tree, 'out/app'), 'built', { mode: 0o755 });
  };

  test('come back, behind a checkpoint, and a rollback takes them away again', async () => {
    const world = started(new CacheWorld());
    await world.whole(build, make(world));
    rmSync(join(world.tree, 'out'), { recursive: true });
    const before = world.look();
    const run = await world.whole(build);
    expect(world.statuses(run)).toEqual(['cached']);
    expect(readFileSync(join(world.tree, 'out/app'), 'utf8')).toBe('built');
    expect(world.state(run).byKey.get('a')?.changes).toMatchObject({ created: 2 });
    expect(world.state(run).checkpoints.size).toBe(1);
    expect(await world.rollback(run)).toBe('rolled_back');
    expect(world.look()).toEqual(before);
  });

  test('go when the run goes back to a checkpoint, and come again when it goes on', async () => {
    const world = started(new CacheWorld());
    const [a] = build.steps;
    const definition = {
      steps: [
        { ...a, checkpoint: true },
        { id: 'b', command: 'else' },
      ],
    };
    const out = join(world.tree, 'out');
    await world.whole({ steps: [a] }, make(world));
    rmSync(out, { recursive: true });
    const run = await world.begin(definition);
    await world.perform('else', () => {}, 1);
    expect([await world.over(run), world.steps(run).a, existsSync(out)]).toEqual(['failed', 'cached', true]);
    expect(await world.rollback(run, { strategy: 'checkpoint', checkpoint: 'a' })).toBe('paused');
    expect([world.steps(run), existsSync(out)]).toEqual([{ a: 'pending', b: 'pending' }, false]);
    await world.ask(run, { type: 'run.resumed', by: 'ann' });
    await world.perform('else');
    expect([await world.over(run), world.steps(run).a, existsSync(out)]).toEqual([
      'succeeded',
      'cached',
      true,
    ]);
    expect(world.machine.started).toEqual(['make', 'else', 'else']);
  });

  test('that are damaged are made anew, and the good result takes the place of the bad one', async () => {
    const world = started(new CacheWorld());
    await world.whole(build, make(world));
    rmSync(join(world.tree, 'out'), { recursive: true });
    rmSync(join(world.folder, 'home/cache/objects'), { recursive: true });
    const run = await world.whole(build, make(world));
    expect(world.statuses(run)).toEqual(['succeeded']);
    expect(world.events(run).find(({ type }) => type === 'step.interrupted')).toMatchObject({
      cause: 'not_restored',
    });
    expect(world.state(run).byKey.get('a')?.attempt).toBe(1);
    expect(world.statuses(await world.whole(build))).toEqual(['cached']);
  });

  test('are brought back by the next host when one dies at it', async () => {
    const world = new CacheWorld();
    const stuck: Partial<StepCache> = { bringBack: () => new Promise(() => {}) };
    const first = world.host();
    await world.whole(build, make(world));
    first.die();
    rmSync(join(world.tree, 'out'), { recursive: true });
    const second = world.host({ cache: { ...world.cache, ...stuck } });
    const run = await world.run(build);
    await world.until(() => world.steps(run).a === 'running');
    second.die();
    world.host();
    expect(await world.over(run)).toBe('succeeded');
    expect([world.steps(run).a, existsSync(join(world.tree, 'out/app'))]).toEqual(['cached', true]);
    expect(world.machine.started).toEqual(['make']);
  });

  test('that are in place take no attempt', async () => {
    const world = started(new CacheWorld());
    await world.whole(build, make(world));
    const run = await world.whole(build);
    expect(world.statuses(run)).toEqual(['cached']);
    expect(world.events(run).filter(({ type }) => /^step\.started|^checkpoint/.test(type))).toEqual([]);
  });

  test('that a step hands out are stored for each run that is given them', async () => {
    const world = started(new CacheWorld());
    const steps = [{ id: 'a', command: 'make', use_cache: true, outputs: { app: './out/app' } }];
    await world.whole({ steps }, make(world));
    rmSync(join(world.tree, 'out'), { recursive: true });
    rmSync(join(world.folder, 'home/artifacts'), { recursive: true });
    const other = {
      steps: [
        { ...steps[0], id: 'b' },
        { id: 'app', type: 'set', values: { app: 1 } },
      ],
    };
    const run = await world.whole(other);
    expect(world.steps(run)).toMatchObject({ b: 'cached' });
    expect([...world.state(run).artifacts.values()]).toMatchObject([
      { step: 'b', note: { name: 'app', size: 5 } },
    ]);
    expect(existsSync(join(world.folder, 'home/artifacts'))).toBe(true);
  });

  test('that cannot be handed out are made anew, once', async () => {
    const world = new CacheWorld();
    const steps = [{ id: 'a', command: 'make', use_cache: true, outputs: { app: './out/app' } }];
    const first = world.host();
    await world.whole({ steps }, make(world));
    first.die();
    const full = err({ code: 'artifact_failed', retry: 'final' as const, message: 'no room' });
    world.host({ artifacts: { keep: async () => full } });
    const run = await world.whole({ steps }, make(world));
    expect(world.status(run)).toBe('failed');
    const told = world.events(run).filter(({ type }) => type === 'step.interrupted');
    expect(told).toMatchObject([{ cause: 'not_restored' }]);
    expect(world.machine.started).toEqual(['make', 'make']);
  });

  test('are left where they were by a cancel on their way', async () => {
    const world = new CacheWorld();
    const bringBack: StepCache['bringBack'] = (_, __, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const first = world.host();
    await world.whole(build, make(world));
    first.die();
    rmSync(join(world.tree, 'out'), { recursive: true });
    world.host({ cache: { ...world.cache, bringBack } });
    const run = await world.run(build);
    await world.until(() => world.steps(run).a === 'running');
    await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
    await world.until(() => world.status(run) === 'cancelled');
    expect(world.state(run).byKey.get('a')).toMatchObject({ status: 'cancelled', attempt: 0 });
  });

  test('that are not there when the step has ended make no result', async () => {
    const world = started(new CacheWorld());
    await world.whole(build);
    expect(world.statuses(await world.whole(build))).toEqual(['succeeded']);
  });
});
