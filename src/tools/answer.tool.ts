/** workflow_answer: answers an open question of a run, if the question is for the one who answers. */
import { z } from 'zod';
import { continueRun, showRun } from './follow-run.ts';
import { recordAnswer } from './questions.ts';
import { runViewSchema } from './run-view-schema.ts';
import type { Tool } from './tool.ts';

/** Long enough to see what the answer set going. */
const WAIT_SECONDS = 5;

const input = z.strictObject({
  run_id: z.string(),
  question_id: z.string(),
  answer: z.json().describe("fits the question's schema; see workflow_status"),
});

export const answerTool: Tool<typeof input> = {
  name: 'workflow_answer',
  title: 'Answer a question',
  description:
    'Answers an open question of a run. Questions for a human cannot be answered by an agent: they are answered in the ' +
    "client's own form or on a terminal with `belay answer`.",
  input,
  output: runViewSchema,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },

  async run(context, args) {
    const refused = recordAnswer(context, args.run_id, args.question_id, args.answer);
    return refused ?? showRun(context, args.run_id, { waitSeconds: WAIT_SECONDS, asks: true });
  },

  resume: (context, args, _state, responses) => continueRun(context, args.run_id, responses, WAIT_SECONDS),
};
