/**
 * workflow_analytics: how runs went, counted from the journal, and what that suggests about their definitions. The work
 * itself is in `analytics/`, loaded with the first call.
 */
import { z } from 'zod';
import { analyticsSchema } from './analytics/analytics-schema.ts';
import { sinceTime, wrongSince } from './since-time.ts';
import type { Tool } from './tool.ts';

const input = z.strictObject({
  workflow: z.string().optional().describe('only runs of this workflow'),
  since: z.string().optional().describe('RFC 3339 time, or a duration back from now such as 7d'),
});

export const analyticsTool: Tool<typeof input> = {
  name: 'workflow_analytics',
  title: 'See how runs went',
  description:
    'Counts how runs went: success rates, durations, the slowest and the flakiest steps, cache hits, failures grouped by ' +
    'what they wrote; warns of steps that often fail and when; proposes timeouts, retries and caching as diffs of the ' +
    'definition, which nobody applies but you.',
  input,
  output: analyticsSchema,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },

  async run(context, args) {
    const sinceMs = args.since === undefined ? undefined : sinceTime(args.since, context.belay.clock.now());
    if (Number.isNaN(sinceMs)) return wrongSince(String(args.since));
    const { analyse } = await import('./analytics/analyse.ts');
    return analyse(context.belay, { workflow: args.workflow, sinceMs });
  },
};
