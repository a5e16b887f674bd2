/** The numbers of an analysis are those of the runs that were really made. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Analytics } from '../../../src/tools/analytics/analytics-schema.ts';
import { type Scratch, scratchBelay } from '../../fixtures/scratch-belay.ts';

const ROUNDS = 8;
const SECRET = 'correct-horse-battery';

const COUNTED = `name: counted
inputs: { mode: { required: true } }
secrets: [ANALYTICS_TEST_TOKEN]
steps:
  - id: first
    command: echo first > first.txt
  # the one that fails
  - id: second
    command: test {{ inputs.mode }} = good || { echo "reading $$"; echo "ERROR cannot open /tmp/$$/file-$$ with {{ env.ANALYTICS_TEST_TOKEN }}"; exit 3; }
  - id: third
    command: if test -e tried; then rm tried; else touch tried; exit 1; fi
    retry: { attempts: 2, delay: 1ms }
  - id: kept
    command: echo kept
    use_cache: true
`;

let scratch: Scratch;

beforeAll(async () => {
  process.env.ANALYTICS_TEST_TOKEN = SECRET;
  scratch = scratchBelay();
  const folder = join(scratch.folder, '.belay', 'workflows');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'counted.yaml'), COUNTED);
  for (let round = 0; round < ROUNDS; round += 1) {
    await execute({ workflow: 'counted', inputs: { mode: 'good' } }, 'succeeded');
    await execute({ workflow: 'counted', inputs: { mode: 'bad' } }, 'failed');
  }
  await execute({ commands: ['true'] }, 'succeeded');
}, 120_000);

afterAll(() => {
  delete process.env.ANALYTICS_TEST_TOKEN;
  scratch.close();
});

async function execute(args: object, ending: string): Promise<void> {
  const answer = await scratch.call('workflow_execute', { ...args, wait_seconds: 60 });
  if (answer.kind !== 'done' || answer.structured.status !== ending) throw new Error(JSON.stringify(answer));
}

async function analytics(args: object): Promise<{ found: Analytics; text: string }> {
  const answer = await scratch.call('workflow_analytics', args);
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return { found: answer.structured as unknown as Analytics, text: answer.text };
}

test('all runs are counted, each workflow by itself too', async () => {
  const { found } = await analytics({});
  expect(found.rests_on).toEqual({ runs: 17, finished: 17, read: 17, complete: true });
  expect(found.totals).toEqual({ runs: 17, succeeded: 9, failed: 8 });
  expect(found.success_rate).toBe(0.529);
  expect(found.duration_ms).toMatchObject({ n: 9 });
  expect(found.workflows).toMatchObject([
    { workflow: 'counted', runs: 16, succeeded: 8, failed: 8, success_rate: 0.5 },
    { workflow: 'commands', runs: 1, succeeded: 1, failed: 0, success_rate: 1 },
  ]);
  expect(found.days.reduce((sum, { runs }) => sum + runs, 0)).toBe(17);
});

test('a command without a workflow is called by what it is, and proposed no change', async () => {
  const { found } = await analytics({ workflow: 'commands' });
  expect(found.slowest_steps).toMatchObject([{ workflow: 'commands', step: 'true', n: 1 }]);
  expect(found.proposals).toEqual([]);
});

test('steps: what flickers, what a cache saved', async () => {
  const { found } = await analytics({ workflow: 'counted' });
  expect(found.flakiest_steps).toEqual([
    expect.objectContaining({
      step: 'second',
      runs: 16,
      failed_runs: 8,
      attempts: 16,
      failed_attempts: 8,
      failure_rate: 0.5,
      recovered: 0,
    }),
    expect.objectContaining({
      step: 'third',
      runs: 8,
      failed_runs: 0,
      attempts: 16,
      failed_attempts: 8,
      recovered: 8,
    }),
  ]);
  expect(found.cache).toMatchObject({ hits: 7, misses: 1, hit_rate: 0.875 });
  expect(found.time_saved_ms).toBe(found.cache.saved_ms);
  const slow = found.slowest_steps.find(({ step }) => step === 'first');
  expect(slow?.n).toBe(16);
  expect(slow?.p95_ms).toBeGreaterThanOrEqual(slow?.p50_ms ?? Number.NaN);
});

test('failures of one kind are one pattern, without what differs and without a secret', async () => {
  const { found, text } = await analytics({ workflow: 'counted' });
  expect(found.failure_patterns).toMatchObject([
    {
      code: 'exit',
      count: 8,
      runs: 8,
      steps: ['counted/second'],
      pattern: 'ERROR cannot open <path> with ***',
    },
  ]);
  expect(JSON.stringify(found) + text).not.toContain(SECRET);
});

test('a warning says when a step fails', async () => {
  const { found } = await analytics({ workflow: 'counted' });
  expect(found.warnings).toEqual([
    {
      workflow: 'counted',
      step: 'second',
      text: '`second` failed 8 of 8 times when input `mode` was "bad" (0 of 8 otherwise)',
      failed: 8,
      of: 8,
    },
  ]);
});

test('a proposal is a diff of the file, and leaves the file alone', async () => {
  const { found } = await analytics({ workflow: 'counted' });
  const proposed = found.proposals.find(({ step, kind }) => step === 'first' && kind === 'timeout');
  expect(proposed?.diff).toContain('   - id: first\n+    timeout: 10s\n     command: echo first > first.txt');
  expect(proposed?.why).toContain('of 16 runs');
});

test('what somebody has written into the file already is not proposed', async () => {
  const file = join(scratch.folder, '.belay', 'workflows', 'counted.yaml');
  writeFileSync(file, COUNTED.replace('- id: first', '- id: first\n    timeout: 10s'));
  const { found } = await analytics({ workflow: 'counted' });
  writeFileSync(file, COUNTED);
  expect(found.proposals.filter(({ step }) => step === 'first')).toEqual([]);
});

test('a time that has no runs, and a name that nobody knows', async () => {
  const { found, text } = await analytics({ since: '2999-01-01T00:00:00Z' });
  expect([found.totals, found.success_rate, text]).toEqual([{ runs: 0 }, undefined, 'no runs to count']);
  expect(await scratch.call('workflow_analytics', { workflow: 'nowhere' })).toMatchObject({
    error: { code: 'unknown_workflow' },
  });
  expect(await scratch.call('workflow_analytics', { since: 'soon' })).toMatchObject({
    error: { code: 'invalid_input' },
  });
});

test('of a loop its iterations are counted, not the loop itself', async () => {
  const steps = [
    { id: 'each', foreach: '1..3', command: 'true' },
    { id: 'none', foreach: [], command: 'true' },
  ];
  await execute({ definition: { name: 'looped', steps } }, 'succeeded');
  const { slowest_steps: slowest } = (await analytics({ workflow: 'looped' })).found;
  expect(slowest).toMatchObject([{ step: 'each', n: 3 }]);
  // far more than it takes, and far less than the time since 1970
  expect(slowest[0]?.p95_ms).toBeLessThan(3_600_000);
});
