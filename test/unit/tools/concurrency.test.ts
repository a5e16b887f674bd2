/** Concurrency groups, priorities and the timeout of a run as a caller of the tools meets them. */
import { expect, onTestFinished, test } from 'vitest';
import { callForRun } from '../../e2e/fixtures/run-template.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

function scratch(): Scratch {
  const made = scratchBelay();
  onTestFinished(() => made.close());
  return made;
}

const deploy = (onConflict?: string): object => ({
  name: 'deploy',
  inputs: { env: { type: 'string', required: true } },
  concurrency: { group: 'deploy-{{ inputs.env }}', ...(onConflict && { on_conflict: onConflict }) },
  steps: [{ id: 'go', type: 'approval', message: 'go?' }],
});

const execute = (belay: Scratch, definition: object, env: string, more: object = {}) =>
  callForRun(belay, 'workflow_execute', { definition, inputs: { env }, wait_seconds: 0, ...more });
const status = (belay: Scratch, run_id: string) =>
  callForRun(belay, 'workflow_status', { run_id, wait_seconds: 0 });
const isWaiting = ({ status: found }: { readonly status: string }) => found === 'waiting';

test('queue: the second run says what it waits for, another group does not wait, and the end of the first lets it go', async () => {
  const belay = scratch();
  const first = await execute(belay, deploy(), 'prod');
  expect(first.group).toBe('deploy-prod');
  await belay.until(first.run_id, isWaiting);
  const second = await execute(belay, deploy('queue'), 'prod');
  const other = await execute(belay, deploy(), 'staging');
  await belay.until(other.run_id, isWaiting);
  const reason = `waits for run ${first.run_id}, which has concurrency group \`deploy-prod\``;
  expect(await status(belay, second.run_id)).toMatchObject({ status: 'queued', reason });
  const third = await execute(belay, deploy(), 'prod');
  expect((await status(belay, third.run_id)).reason).toBe(`${reason}, and 1 more before it`);
  await callForRun(belay, 'workflow_cancel', { run_id: first.run_id });
  const went = await belay.until(second.run_id, isWaiting);
  expect(went).not.toHaveProperty('reason');
});

test('reject: an error that names the run, and nothing is recorded; the same key still answers with its run', async () => {
  const belay = scratch();
  const args = { idempotency_key: 'k' };
  const first = await execute(belay, deploy('reject'), 'prod', args);
  const again = await belay.call('workflow_execute', {
    definition: deploy('reject'),
    inputs: { env: 'prod' },
  });
  expect(again).toMatchObject({
    kind: 'error',
    error: {
      code: 'conflict',
      message: expect.stringContaining(first.run_id),
      next: [{ tool: 'workflow_status', arguments: { run_id: first.run_id } }],
    },
  });
  expect(belay.belay.journal.runIds('', 9)).toEqual([first.run_id]);
  expect(await execute(belay, deploy('reject'), 'prod', args)).toMatchObject({
    run_id: first.run_id,
    existing: true,
  });
});

test('replace: the first run is cancelled and says for whom', async () => {
  const belay = scratch();
  const first = await execute(belay, deploy('replace'), 'prod');
  await belay.until(first.run_id, isWaiting);
  const second = await execute(belay, deploy('replace'), 'prod');
  await belay.until(second.run_id, isWaiting);
  const reason = expect.stringContaining(second.run_id);
  expect(await status(belay, first.run_id)).toMatchObject({ status: 'cancelled', reason });
});

test('a name that cannot be made is said, and nothing is recorded', async () => {
  const belay = scratch();
  const answer = await belay.call('workflow_execute', {
    definition: deploy(),
    inputs: { env: 'x'.repeat(300) },
  });
  expect(answer).toMatchObject({
    kind: 'error',
    error: { code: 'invalid_input', message: expect.stringContaining('concurrency.group') },
  });
  expect(belay.belay.journal.runIds('', 9)).toEqual([]);
});

test('a priority is recorded and shown', async () => {
  const belay = scratch();
  const view = await execute(belay, deploy(), 'prod', { priority: -10 });
  expect(view.priority).toBe(-10);
  expect((await execute(belay, deploy(), 'b')).priority).toBeUndefined();
});

test.each([11, -11, 1.5])('%d is no priority', async (priority) => {
  const belay = scratch();
  await expect(execute(belay, deploy(), 'prod', { priority })).rejects.toThrow();
});

test('a run that is out of time fails, and the cleanup runs', async () => {
  const belay = scratch();
  const view = await callForRun(belay, 'workflow_execute', {
    definition: {
      name: 'slow',
      timeout: '200ms',
      steps: [{ id: 'a', type: 'wait', for: '1h' }],
      cleanup: [{ id: 'z', command: 'true' }],
    },
  });
  expect(view).toMatchObject({ status: 'failed', reason: 'timeout: the run did not end within 0.2 s' });
  expect(view.steps).toMatchObject([
    { id: 'a', status: 'cancelled' },
    { id: 'z', status: 'succeeded' },
  ]);
});
