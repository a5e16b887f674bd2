/** workflow_history: earlier runs, newest first. */
import { z } from 'zod';
import type { RunRow } from '../engine/core/ports.ts';
import { cutText } from './answer-budget.ts';
import { done } from './answers.ts';
import { sinceTime, wrongSince } from './since-time.ts';
import type { Tool } from './tool.ts';

const LIMIT = 20;
/** All reasons of one page together: workflow_status has the whole of each. */
const REASONS_BYTES_MAX = 24 * 1024;

const input = z.strictObject({
  workflow: z.string().optional(),
  status: z
    .enum([
      'queued',
      'running',
      'waiting',
      'paused',
      'rolling_back',
      'succeeded',
      'partial',
      'failed',
      'cancelled',
      'rolled_back',
      'stuck',
    ])
    .optional(),
  since: z.string().optional().describe('RFC 3339 time, or a duration back from now such as 24h'),
  limit: z.int().min(1).max(200).optional().describe(`${LIMIT} unless said`),
  cursor: z.string().optional().describe('next_cursor of the page before'),
});

const run = z.object({
  run_id: z.string(),
  workflow: z.string(),
  version: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  created_at: z.string(),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  duration_ms: z.number().optional(),
  progress: z.object({ done: z.int(), total: z.int() }),
});

export const historyTool: Tool<typeof input> = {
  name: 'workflow_history',
  title: 'List runs',
  description: 'Lists runs, newest first, by workflow, status and time.',
  input,
  output: z.object({ runs: z.array(run), next_cursor: z.string().optional() }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },

  async run(context, args) {
    const sinceMs = args.since === undefined ? undefined : sinceTime(args.since, context.belay.clock.now());
    if (Number.isNaN(sinceMs)) {
      return wrongSince(String(args.since));
    }
    const limit = args.limit ?? LIMIT;
    const page = context.belay.journal.runs({
      limit,
      ...(args.workflow !== undefined && { workflow: args.workflow }),
      ...(args.status !== undefined && { status: args.status }),
      ...(sinceMs !== undefined && { sinceMs }),
      ...(args.cursor !== undefined && { cursor: args.cursor }),
    });
    const runs = page.runs.map((row) => shortView(row, REASONS_BYTES_MAX / limit));
    const next = page.nextCursor === undefined ? {} : { next_cursor: page.nextCursor };
    const lines = runs.map((each) => `${each.run_id} ${each.workflow} ${each.status} ${each.created_at}`);
    return done({ runs, ...next }, lines.length === 0 ? 'no runs' : lines.join('\n'));
  },
};

const iso = (ms: number): string => new Date(ms).toISOString();

function shortView(row: RunRow, reasonBytesMax: number) {
  const { startedAt, finishedAt } = row;
  return {
    run_id: row.runId,
    workflow: row.workflow,
    version: row.version,
    status: row.status,
    ...(row.reason !== undefined && { reason: cutText(row.reason, reasonBytesMax, 'see workflow_status') }),
    created_at: iso(row.createdAt),
    ...(startedAt !== undefined && { started_at: iso(startedAt) }),
    ...(finishedAt !== undefined && { finished_at: iso(finishedAt) }),
    ...(startedAt !== undefined && finishedAt !== undefined && { duration_ms: finishedAt - startedAt }),
    progress: { done: row.done, total: row.total },
  };
}
