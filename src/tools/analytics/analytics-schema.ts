/** An analysis, as every face shows it. */
import { z } from 'zod';

const duration = z
  .object({ p50: z.number(), p95: z.number(), n: z.int() })
  .describe('of runs that succeeded');

/** What `workflow_analytics` answers. */
export const analyticsSchema = z.object({
  workflow: z.string().optional(),
  since: z.string().optional(),
  rests_on: z
    .object({ runs: z.int(), finished: z.int(), read: z.int(), complete: z.boolean() })
    .describe('runs counted; journals read for steps and failures; complete: nothing was left out'),
  totals: z.record(z.string(), z.int()).describe('runs by status, and `runs`'),
  success_rate: z
    .number()
    .optional()
    .describe('of runs that ended, cancelled ones apart; absent where there are none'),
  duration_ms: duration.optional(),
  days: z.array(z.object({ day: z.string(), runs: z.int(), failed: z.int() })).describe('oldest first, UTC'),
  workflows: z.array(
    z.object({
      workflow: z.string(),
      runs: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      success_rate: z.number().optional(),
      duration_ms: duration.optional(),
      last_run_at: z.string(),
    }),
  ),
  slowest_steps: z.array(
    z.object({ workflow: z.string(), step: z.string(), p50_ms: z.number(), p95_ms: z.number(), n: z.int() }),
  ),
  flakiest_steps: z.array(
    z.object({
      workflow: z.string(),
      step: z.string(),
      runs: z.int(),
      failed_runs: z.int(),
      attempts: z.int(),
      failed_attempts: z.int(),
      failure_rate: z.number().describe('of its attempts'),
      recovered: z.int().describe('runs in which a later attempt succeeded'),
    }),
  ),
  cache: z.object({ hits: z.int(), misses: z.int(), hit_rate: z.number(), saved_ms: z.number() }),
  time_saved_ms: z.number(),
  failure_patterns: z.array(
    z.object({
      pattern: z.string().describe('the telling line of the output, without what differs'),
      code: z.string(),
      count: z.int(),
      runs: z.int(),
      steps: z.array(z.string()),
      last_run: z.string(),
      last_at: z.string(),
    }),
  ),
  warnings: z.array(
    z.object({ workflow: z.string(), step: z.string(), text: z.string(), failed: z.int(), of: z.int() }),
  ),
  proposals: z
    .array(
      z.object({
        workflow: z.string(),
        step: z.string(),
        kind: z.enum(['timeout', 'retry', 'no_retry', 'cache']),
        why: z.string(),
        diff: z.string().optional().describe('of the file of the workflow; absent where it cannot be told'),
      }),
    )
    .describe('never applied by themselves'),
});

export type Analytics = z.output<typeof analyticsSchema>;
