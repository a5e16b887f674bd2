/** Files that steps hand out, between the end of an attempt and its event: kept whole, or the step has not succeeded. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ok } from '../../../../src/engine/core/failure.ts';
import type { ArtifactIntake } from '../../../../src/engine/core/ports.ts';
import type { StepType } from '../../../../src/engine/core/step-type.ts';
import { calling, Remote } from './remote.ts';
import { type HostTerms, World } from './world.ts';

/** An intake that waits to be let go on. */
function gate(world: World) {
  const waiting: (() => void)[] = [];
  const signals: AbortSignal[] = [];
  const artifacts: ArtifactIntake = {
    async keep(wish) {
      signals.push(wish.signal);
      await new Promise<void>((go) => {
        waiting.push(go);
        wish.signal.addEventListener('abort', () => go());
      });
      return world.artifacts.keep(wish);
    },
  };
  return { artifacts, waiting, signals };
}

const making = (more: object = {}) => ({
  steps: [{ id: 'make', command: 'make', outputs: { out: './out.txt' }, ...more }],
});

/** A run whose only step has written its file and ended, and whose file is being stored. */
async function storing(more: object = {}, terms: HostTerms = {}) {
  const world = new World();
  writeFileSync(join(world.folder, 'out.txt'), 'made');
  const door = gate(world);
  const first = world.host({ artifacts: door.artifacts, ...terms });
  const run = await world.run(making(more));
  await world.end('make', { code: 0 });
  await world.until(() => door.waiting.length === 1);
  const over = () => world.until(() => !['running', 'queued'].includes(world.status(run)));
  return { world, door, first, run, over };
}

const ends = (world: World, run: string) =>
  world.events(run).filter(({ type }) => type === 'step.succeeded' || type === 'step.failed');

test('a step succeeds when its files are stored, not before', async () => {
  const { world, door, run, over } = await storing();
  await world.settle();
  expect(ends(world, run)).toEqual([]);
  door.waiting[0]?.();
  await over();
  expect(ends(world, run)).toMatchObject([
    { type: 'step.succeeded', artifacts: [{ name: 'out', size: 4, path: './out.txt' }] },
  ]);
});

test('a host that dies while it stores leaves that to the next one', async () => {
  const { world, door, first, run, over } = await storing();
  first.die();
  await world.pass(60_000);
  world.host();
  await world.kick(run);
  await over();
  expect(world.status(run)).toBe('succeeded');
  door.waiting[0]?.();
  await world.settle();
  expect(ends(world, run)).toHaveLength(1);
  expect(world.state(run).artifacts.get('out')?.note).toMatchObject({ size: 4 });
});

test('a cancel gives the storing up', async () => {
  const { world, door, run, over } = await storing();
  await world.ask(run, { type: 'run.cancel_requested', mode: 'immediate', by: 'ann' });
  await over();
  expect(door.signals[0]?.aborted).toBe(true);
  expect(world.status(run)).toBe('cancelled');
  expect(world.steps(run)).toEqual({ make: 'cancelled' });
  expect(world.state(run).artifacts.size).toBe(0);
});

test('the time of the step counts while its files are stored', async () => {
  const { world, run, over } = await storing({ timeout: '10s' });
  await world.pass(10_000);
  await over();
  expect(ends(world, run)).toMatchObject([{ type: 'step.failed', failure: { code: 'timeout' } }]);
});

test('a host that stops lets go of it, and the next one begins anew', async () => {
  const { world, door, first, run, over } = await storing();
  first.host.stop();
  expect(door.signals[0]?.aborted).toBe(true);
  await world.settle();
  expect(ends(world, run)).toEqual([]);
  world.host();
  await world.kick(run);
  await over();
  expect(world.status(run)).toBe('succeeded');
});

test('what an intake throws fails the step, which nobody waits for in vain', async () => {
  const broken: ArtifactIntake = {
    keep: async () => {
      throw new Error('no such place');
    },
  };
  const world = new World();
  world.host({ artifacts: broken });
  const run = await world.run(making());
  await world.end('make', { code: 0 });
  await world.until(() => world.status(run) === 'failed');
  expect(ends(world, run)).toMatchObject([
    { failure: { code: 'artifact_failed', message: 'output `out` of step `make`: no such place' } },
  ]);
});

test('a call hands out files too', async () => {
  const world = new World();
  const remote = new Remote();
  writeFileSync(join(world.folder, 'answer.json'), '{}');
  world.host({ stepType: remote.stepType });
  const run = await world.run({ steps: [calling('ask', { outputs: { answer: './answer.json' } })] });
  remote.last.answer({ ok: true });
  await world.until(() => world.status(run) === 'succeeded');
  expect(world.state(run).artifacts.get('answer')?.note).toMatchObject({ media_type: 'application/json' });
});

test('a run as a whole ends when its files are stored', async () => {
  const world = new World();
  const door = gate(world);
  writeFileSync(join(world.folder, 'report.txt'), 'all');
  world.host({ artifacts: door.artifacts });
  const run = await world.run({
    outputs: { report: './report.txt' },
    steps: [{ id: 'a', command: 'a' }],
  });
  await world.end('a', { code: 0 });
  await world.until(() => door.waiting.length === 1);
  expect(world.status(run)).toBe('running');
  door.waiting[0]?.();
  await world.until(() => world.status(run) === 'succeeded');
  expect(world.state(run).artifacts.get('report')?.note).toMatchObject({ size: 3 });
});

test('a step type that is done at once stores no files: the step fails and says so', async () => {
  const world = new World();
  const type: StepType = {
    type: 'shell',
    summary: '',
    schema: undefined,
    fields: {},
    effects: 'workspace',
    begin: () => ok({ kind: 'done', outcome: { ok: true } }),
  };
  world.host({ stepType: () => type });
  const run = await world.run(making());
  await world.until(() => world.status(run) === 'failed');
  expect(ends(world, run)).toMatchObject([{ failure: { code: 'artifact_failed' } }]);
});
