/** workflow_status: where a run stands; waits for it to move on if asked. */
import { z } from 'zod';
import { failed } from './answers.ts';
import { changesOf } from './change-page.ts';
import { capabilitiesInput } from './claim-question.ts';
import { eventsOf } from './event-list.ts';
import { showRun } from './follow-run.ts';
import { listQuestions } from './question-list.ts';
import { runViewSchema } from './run-view-schema.ts';
import type { Tool, ToolAnswer, ToolContext, ToolResult } from './tool.ts';
import { unknownStep } from './unknown-step.ts';
import { WAIT_SECONDS_MAX } from './wait-for-run.ts';

const TAIL_LINES = 50;

const input = z.strictObject({
  run_id: z.string().optional().describe('may be left out with include questions only'),
  wait_seconds: z
    .number()
    .min(0)
    .max(WAIT_SECONDS_MAX)
    .optional()
    .describe('seconds to wait for the run to end or to ask something; 0 unless said'),
  step: z.string().optional().describe('show only this step and what is inside it'),
  include: z
    .array(z.enum(['log', 'events', 'checkpoints', 'changes', 'questions']))
    .optional()
    .describe(
      'log: tails of the logs; events: the last events; checkpoints: all, with what each does not hold; changes (with step): every file that changed while it ran; ' +
        'questions, without run_id: those of all runs that wait for an agent and that nobody else has claimed',
    ),
  capabilities: capabilitiesInput.describe(
    'with include questions and without run_id: what you can do; questions that want more are left out',
  ),
  tail_lines: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe(`log lines per step with include log, ${TAIL_LINES} unless said`),
  offset: z.int().min(0).optional().describe('with include changes: the first of them to show'),
});

export const statusTool: Tool<typeof input> = {
  name: 'workflow_status',
  title: 'Look at a run',
  description:
    'Shows a run: status, progress, every step, open questions, outputs, log tails and what to call next. With wait_seconds ' +
    'it answers as soon as the run ends or waits for an answer.',
  input,
  // without a run there are only questions
  output: runViewSchema.partial().required({ questions: true, warnings: true, next: true }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },

  async run(context, { run_id, ...args }) {
    if (run_id === undefined) return withoutRun(context, args);
    if (args.capabilities) return strayCapabilities;
    return statusOf(context, { ...args, run_id });
  },
};

type Input = z.output<typeof input>;

const strayCapabilities = failed({
  code: 'invalid_input',
  message: '`capabilities` goes with the questions of all runs, found `run_id`',
  hint: 'leave one of the two out; a claim of a question takes `capabilities` too',
});

function withoutRun(context: ToolContext, args: Omit<Input, 'run_id'>): Promise<ToolResult> | ToolResult {
  if (args.include?.includes('questions'))
    return listQuestions(context, args.wait_seconds ?? 0, args.capabilities ?? []);
  return failed({
    code: 'invalid_input',
    message: 'argument `run_id` is missing, expected string',
    hint: 'workflow_history lists the runs; with `include: [questions]` the questions of all runs are shown without it',
  });
}

async function statusOf(
  context: ToolContext,
  args: Input & { readonly run_id: string },
): Promise<ToolAnswer> {
  const wantsLog = args.include?.includes('log') || args.tail_lines !== undefined;
  if (args.step !== undefined) {
    const wrong = unknownStep(context.belay, args.run_id, args.step);
    if (wrong) return wrong;
  }
  const changes = args.include?.includes('changes') ? await changesOf(context.belay, args) : undefined;
  if (changes?.ok === false) return failed(changes.error);
  const more = {
    ...(args.include?.includes('events') && { events: eventsOf(context.belay, args.run_id) }),
    ...(changes && { changes: changes.value }),
  };
  return showRun(context, args.run_id, {
    waitSeconds: args.wait_seconds ?? 0,
    ...(args.step !== undefined && { step: args.step }),
    ...(wantsLog && { logLines: args.tail_lines ?? TAIL_LINES }),
    checkpoints: args.include?.includes('checkpoints') === true,
    more,
  });
}
