/** workflow_cancel: ends a run before its time; its cleanup still runs. */
import { z } from 'zod';
import { cancelRun } from '../engine/host/run-requests.ts';
import { refusedRequest } from './answers.ts';
import { showRun } from './follow-run.ts';
import { requester } from './requester.ts';
import { runViewSchema } from './run-view-schema.ts';
import { hostProblem } from './storage-problem.ts';
import type { Tool } from './tool.ts';

/** Longer than the grace between TERM and KILL, so that the answer usually shows the end. */
const WAIT_SECONDS = 8;

const input = z.strictObject({
  run_id: z.string(),
  mode: z
    .enum(['graceful', 'immediate'])
    .optional()
    .describe(
      'immediate (unless said): TERM, then KILL what runs; graceful: let running steps finish, start nothing new',
    ),
  reason: z.string().max(2_000).optional(),
});

export const cancelTool: Tool<typeof input> = {
  name: 'workflow_cancel',
  title: 'Cancel a run',
  description:
    'Stops a run: nothing new starts, what runs is ended (or finishes, with mode graceful), cleanup steps still run.',
  input,
  output: runViewSchema,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },

  async run(context, args) {
    const { belay } = context;
    const problem = hostProblem(belay, 'the run was not cancelled');
    if (problem) return problem;
    const mode = args.mode ?? 'immediate';
    const cancelled = cancelRun(requester(context), args.run_id, { mode, reason: args.reason });
    if (!cancelled.ok && cancelled.error !== 'done')
      return refusedRequest(belay, args.run_id, cancelled.error);
    belay.host?.kick(args.run_id);
    return showRun(context, args.run_id, { waitSeconds: WAIT_SECONDS });
  },
};
