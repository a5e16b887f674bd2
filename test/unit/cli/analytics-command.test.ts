/** `belay analytics`: what is asked, and the tables that people read. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { commandLine } from '../../../src/cli/command-line.ts';
import { sparkline } from '../../../src/cli/sparkline.ts';
import { answered, fakeTool } from './fake-tool.ts';
import { fakeWorld } from './fake-world.ts';

const found = {
  rests_on: { runs: 12, finished: 12, read: 5, complete: false },
  totals: { runs: 12, succeeded: 9, failed: 3 },
  success_rate: 0.75,
  duration_ms: { p50: 1_200, p95: 65_000, n: 9 },
  days: [
    { day: '2026-11-19', runs: 8, failed: 3 },
    { day: '2026-11-20', runs: 0, failed: 0 },
    { day: '2026-11-21', runs: 4, failed: 0 },
  ],
  workflows: [],
  slowest_steps: [{ workflow: 'ship', step: 'build', p50_ms: 900, p95_ms: 61_000, n: 9 }],
  flakiest_steps: [
    {
      workflow: 'ship',
      step: 'test',
      runs: 12,
      failed_runs: 3,
      attempts: 14,
      failed_attempts: 5,
      failure_rate: 0.357,
      recovered: 2,
    },
  ],
  cache: { hits: 3, misses: 1, hit_rate: 0.75, saved_ms: 9_000 },
  time_saved_ms: 9_000,
  failure_patterns: [
    {
      pattern: 'ERROR \u001b[31m<path>',
      code: 'exit',
      count: 3,
      runs: 3,
      steps: ['ship/test'],
      last_run: 'r-1',
      last_at: '2026-11-19T00:00:00Z',
    },
  ],
  warnings: [{ workflow: 'ship', step: 'test', text: '`test` failed 3 of 12 times', failed: 3, of: 12 }],
  proposals: [
    {
      workflow: 'ship',
      step: 'test',
      kind: 'no_retry',
      why: 'it never helped',
      diff: '--- a\n+++ b\n-    retry: 3\n',
    },
  ],
};

async function run(words: string[], structured: object = found) {
  const given = { workflow: z.string().optional(), since: z.string().optional() };
  const tool = fakeTool('workflow_analytics', given, answered(structured as never));
  const world = fakeWorld({ tools: [tool] });
  const code = await commandLine(words, world);
  return { code, asked: tool.calls[0]?.input, out: world.terminal.written.out };
}

test('one line of totals, one of days, and tables', async () => {
  const { code, asked, out } = await run(['analytics', 'ship', '--since', '7d']);
  expect([code, asked]).toEqual([0, { workflow: 'ship', since: '7d' }]);
  expect(out.split('\n').map((line) => line.trimEnd())).toEqual([
    '12 runs: 9 succeeded, 3 failed; 75 % went well; p50 1.2s, p95 1m 05s',
    'runs a day    █·▄  2026-11-19 to 2026-11-21',
    'failed a day  █··',
    'cache: 3 of 4 steps came from it, 9.0s saved',
    'steps and failures are those of the newest 5 of 12 finished runs',
    '',
    'slowest steps',
    'P50    P95     RUNS  STEP',
    '900ms  1m 01s  9     ship/build',
    '',
    'flakiest steps',
    'FAILED  OF  SHARE  RECOVERED  STEP',
    '5       14  36 %   2          ship/test',
    '',
    'failures',
    'TIMES  CODE  LAST RUN  STEPS      WHAT',
    '3      exit  r-1       ship/test  ERROR <path>',
    '',
    'warnings',
    'WORKFLOW  WHAT',
    'ship      `test` failed 3 of 12 times',
    '',
    'proposals (nothing is changed by themselves)',
    'ship/test no retry: it never helped',
    '--- a',
    '+++ b',
    '-    retry: 3',
    '',
  ]);
});

test('no runs, and --json', async () => {
  expect((await run(['analytics'], { ...found, totals: { runs: 0 } })).out).toBe('no runs to count\n');
  expect(JSON.parse((await run(['analytics', '--json'])).out)).toEqual(found);
});

test('bars are as high as their numbers', () => {
  expect(sparkline([0, 1, 4, 8])).toBe('·▁▄█');
  expect(sparkline([])).toBe('');
});
