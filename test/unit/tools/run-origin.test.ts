/** What a run records of where it comes from: the values of its variables, and the step that started it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRun } from '../../../src/engine/host/run-requests.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

let scratch: Scratch;
beforeEach(() => {
  vi.stubEnv('BELAY_ATTEMPT', undefined);
  vi.stubEnv('APP_TOKEN', 'first-value');
  scratch = scratchBelay();
});
afterEach(() => {
  scratch.close();
  vi.unstubAllEnvs();
});

const prerequisites = [{ env: 'APP_TOKEN' }];
const execute = async (definition: object) =>
  viewOf(
    await scratch.call('workflow_execute', { definition: { name: 'w', ...definition }, wait_seconds: 60 }),
  );
const events = (runId: string) => {
  const read = scratch.belay.journal.read(runId);
  return read.ok ? read.value.map(({ event }) => event) : [];
};
const secretsOf = (runId: string) =>
  events(runId).flatMap((event) => ('secrets' in event && event.secrets ? [event.secrets.APP_TOKEN] : []));

test('a resume records the values of now, and says so', async () => {
  const run = await execute({
    prerequisites,
    steps: [{ id: 'a', command: 'case "$APP_TOKEN" in second*) ;; *) exit 1; esac' }],
  });
  expect(run.status).toBe('failed');
  vi.stubEnv('APP_TOKEN', 'second-value');
  const resumed = viewOf(await scratch.call('workflow_resume', { run_id: run.run_id, wait_seconds: 60 }));
  expect(resumed).toMatchObject({
    status: 'succeeded',
    warnings: ['`APP_TOKEN` is not set as before: the steps use what is set now'],
  });
  const [first, second] = secretsOf(run.run_id);
  expect([first, second]).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}$/),
    expect.stringMatching(/^[0-9a-f]{64}$/),
  ]);
  expect(first).not.toBe(second);
  expect(JSON.stringify(events(run.run_id))).not.toMatch(/first-value|second-value/);
});

test('a run that a living host drives keeps its values', async () => {
  const run = await execute({ prerequisites, steps: [{ id: 'a', type: 'approval', message: 'Go?' }] });
  expect(run).toMatchObject({ status: 'waiting' });
  const again = viewOf(await scratch.call('workflow_resume', { run_id: run.run_id, wait_seconds: 0 }));
  expect(again).toMatchObject({ status: 'waiting', warnings: [] });
  vi.stubEnv('APP_TOKEN', 'second-value');
  expect(await scratch.call('workflow_resume', { run_id: run.run_id })).toMatchObject({
    kind: 'error',
    error: { code: 'conflict', message: expect.stringContaining('`APP_TOKEN`') },
  });
  vi.stubEnv('APP_TOKEN', undefined);
  expect(await scratch.call('workflow_resume', { run_id: run.run_id })).toMatchObject({
    kind: 'error',
    error: { code: 'missing_variable', hint: expect.stringContaining(`belay resume ${run.run_id}`) },
  });
  expect(secretsOf(run.run_id)).toHaveLength(1);
});

/** A run whose step is under way; from now on this process is part of that step. */
async function enter(runId: string): Promise<string> {
  await scratch.until(runId, ({ steps }) => steps[0]?.status === 'running');
  const seq = events(runId).findIndex(({ type }) => type === 'step.started') + 1;
  vi.stubEnv('BELAY_ATTEMPT', `${runId}/${seq}`);
  return runId;
}

const definition = { name: 'nest', steps: [{ id: 'nest', command: 'sleep 600' }] };
const nest = () => scratch.call('workflow_execute', { definition, wait_seconds: 0 });

test('a run names the step that its process belongs to, and ends with it', async () => {
  const outermost = viewOf(await nest());
  expect(outermost.parent).toBeUndefined();
  const outer = await enter(outermost.run_id);
  const middle = viewOf(await nest());
  expect(middle.parent).toEqual({ run_id: outer, step: 'nest' });
  await enter(middle.run_id);
  const inner = viewOf(await nest());
  await scratch.call('workflow_cancel', { run_id: outer });
  const ended = await scratch.until(inner.run_id, ({ status }) => status === 'cancelled');
  expect(ended).toMatchObject({ reason: expect.stringContaining(middle.run_id), parent: { step: 'nest' } });
});

test('runs start one another sixteen deep; one more is refused with words', async () => {
  const { run_id } = viewOf(await nest());
  const [created] = events(run_id);
  if (created?.type !== 'run.created') throw new Error('no first event');
  const parent = { run: run_id, step: 'nest', seq: 1, depth: 16 };
  const { belay } = scratch;
  const requester = { journal: belay.journal, now: belay.clock.now, by: 'test' };
  const deepest = createRun(requester, { ...created, parent });
  if (!deepest.ok) throw new Error(deepest.error.message);
  belay.host?.kick(deepest.value.runId);
  await enter(deepest.value.runId);
  expect(await nest()).toMatchObject({
    kind: 'error',
    error: {
      code: 'limit',
      message: expect.stringContaining('the run was not started: runs start one another 17 deep, at most 16'),
    },
  });
  for (const each of [run_id, deepest.value.runId]) await scratch.call('workflow_cancel', { run_id: each });
});
