import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunView } from '../../../src/tools/run-view-schema.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';
import { viewOf } from '../../fixtures/view-of.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchBelay();
});
afterEach(() => scratch.close());

const start = async (definition: object): Promise<RunView> =>
  viewOf(await scratch.call('workflow_execute', { definition, wait_seconds: 60 }));

test('a loop counts its iterations; a partial run is resumed from what failed', async () => {
  const view = await start({
    name: 'loop',
    steps: [
      { id: 'each', foreach: [1, 2, 3], command: 'test {{ item }} -ne 2', on_failure: 'continue' },
      { id: 'after', command: 'true' },
    ],
  });
  expect(view.status).toBe('partial');
  expect(view.steps[0]).toMatchObject({
    id: 'each',
    iterations: { total: 3, succeeded: 2, soft_failed: 1 },
  });
  expect(view.next).toMatchObject([
    { tool: 'workflow_resume', arguments: { from_step: 'each[1]' } },
    { tool: 'workflow_rollback', arguments: { strategy: 'graceful', dry_run: true } },
  ]);
});

test('iterations that have not been opened count as pending', async () => {
  const view = await start({
    name: 'loop',
    steps: [{ id: 'each', foreach: [1, 2, 3], command: 'test {{ item }} -ne 2' }],
  });
  expect(view.steps[0]?.iterations).toEqual({ total: 3, succeeded: 1, failed: 1, pending: 1 });
});

test('an agent is told once to fetch the person, however many questions there are', async () => {
  const ask = (id: string) => ({ id, type: 'approval', message: `${id}?`, needs: [] });
  const view = await start({ name: 'ask', steps: [ask('a'), ask('b')] });
  expect(view.next).toHaveLength(1);
  expect(view.next[0]).toMatchObject({
    tool: 'workflow_status',
    arguments: { wait_seconds: 300 },
    why: expect.stringMatching(/^tell the person that 2 questions wait/),
  });
});

test('no more logs are read than are shown', async () => {
  const commands = Array.from({ length: 22 }, (_, index) => `echo ${index}`);
  const answer = await scratch.call('workflow_execute', { commands, wait_seconds: 60 });
  const view = viewOf(answer);
  expect(view.steps.filter((step) => step.log !== undefined)).toHaveLength(20);
  expect(view.warnings).toEqual(['the logs of 2 of 22 steps are not shown; ask for one by `step`']);
  const logs = answer.kind === 'done' ? answer.links?.filter(({ uri }) => uri.endsWith('/log')) : [];
  expect(logs).toHaveLength(20);
});

test('the log tails of bare commands are in the text, which stays short', async () => {
  const commands = ['echo hello', 'printf "%0.sa long line of a log\\n" {1..2000}; echo end'];
  const answer = await scratch.call('workflow_execute', { commands, wait_seconds: 60 });
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  expect(answer.text).toContain('  hello');
  expect(answer.text).toContain('  end');
  expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(8 * 1024);
});
