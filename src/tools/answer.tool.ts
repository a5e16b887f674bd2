/**
 * workflow_answer: somebody's word to a run. Answers an open question, claims one for an agent that works on it, or sends
 * the signal that a step waits for.
 */
import { z } from 'zod';
import { CLAIM_MS_MAX, CLAIM_MS_USUAL } from '../engine/core/limits.ts';
import { SIGNAL_NAME, SIGNAL_NAME_EXPECTED } from '../engine/core/signal-name.ts';
import { sendSignal } from '../engine/host/run-requests.ts';
import { failed, refusedRequest } from './answers.ts';
import { type ClaimAct, capabilitiesInput, claimEvent } from './claim-question.ts';
import { continueRun, showRun } from './follow-run.ts';
import { recordAnswer, recordEvent } from './questions.ts';
import { requester } from './requester.ts';
import { runViewSchema } from './run-view-schema.ts';
import { hostProblem } from './storage-problem.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';

/** Long enough to see what the answer set going. */
const WAIT_SECONDS = 5;

const seconds = (ms: number): number => ms / 1_000;

const input = z.strictObject({
  run_id: z.string(),
  question_id: z.string().optional().describe('needed for everything but a signal'),
  answer: z.json().optional().describe("fits the question's schema; see workflow_status"),
  digest: z
    .string()
    .optional()
    .describe('`digest` of the question that was read: refused when it is another one'),
  claim: z
    .boolean()
    .optional()
    .describe('take a question for agents, so that no other agent answers it meanwhile'),
  renew: z.boolean().optional().describe('prolong your claim'),
  release: z.boolean().optional().describe('give the question back to the others'),
  capabilities: capabilitiesInput.describe('with claim: what you can do; a question may want that'),
  lease_seconds: z
    .number()
    .min(1)
    .max(seconds(CLAIM_MS_MAX))
    .optional()
    .describe(`how long a claim holds, ${seconds(CLAIM_MS_USUAL)} unless said`),
  signal: z
    .string()
    .regex(SIGNAL_NAME, SIGNAL_NAME_EXPECTED)
    .optional()
    .describe('name of a signal that a `wait` step waits for, or will'),
  payload: z.json().optional().describe('goes along with the signal, and becomes the outputs of the step'),
});

type Input = z.output<typeof input>;
type Act = 'answer' | 'signal' | ClaimAct;

export const answerTool: Tool<typeof input> = {
  name: 'workflow_answer',
  title: 'Answer a question',
  description:
    'Answers an open question of a run. Questions for a human cannot be answered by an agent: they are answered in the ' +
    "client's own form or on a terminal with `belay answer`. Where several agents work, claim a question before you work " +
    'on it (claim, then renew or release). With signal, tells a waiting step that something has happened.',
  input,
  output: runViewSchema,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },

  async run(context, args) {
    const act = actOf(args);
    if (typeof act !== 'string') return act;
    const refused = perform(context, args, act);
    if (refused) return refused;
    const moves = act === 'answer' || act === 'signal';
    return showRun(context, args.run_id, { waitSeconds: moves ? WAIT_SECONDS : 0, asks: true });
  },

  resume: (context, args, _state, responses) => continueRun(context, args.run_id, responses, WAIT_SECONDS),
};

/** The one thing that is wanted, or what is wrong with the arguments as a whole. */
function actOf(args: Input): Act | ToolResult {
  const acts: Act[] = (['claim', 'renew', 'release'] as const).filter((act) => args[act]);
  if (args.answer !== undefined) acts.push('answer');
  if (args.signal !== undefined) acts.push('signal');
  const [act, more] = acts;
  if (act === undefined || more !== undefined) {
    const found = act === undefined ? 'none' : acts.map((each) => `\`${each}\``).join(' and ');
    return wrong(
      `expected one of \`answer\`, \`claim\`, \`renew\`, \`release\` and \`signal\`, found ${found}`,
    );
  }
  const isClaim = act === 'claim' || act === 'renew';
  if (act !== 'signal' && args.question_id === undefined) return wrong('argument `question_id` is missing');
  if (act === 'signal' && args.question_id !== undefined)
    return wrong('a signal goes to the run: leave `question_id` out');
  if (act !== 'signal' && args.payload !== undefined) return wrong('`payload` goes with `signal` only');
  if (act !== 'answer' && args.digest !== undefined) return wrong('`digest` goes with `answer` only');
  if (act !== 'claim' && args.capabilities !== undefined)
    return wrong('`capabilities` goes with `claim` only');
  if (!isClaim && args.lease_seconds !== undefined)
    return wrong('`lease_seconds` goes with `claim` and `renew` only');
  return act;
}

const wrong = (message: string): ToolResult =>
  failed({
    code: 'invalid_input',
    message,
    hint: 'workflow_status shows the open questions and what each takes',
  });

/** The error for the caller, or undefined once it is recorded. */
function perform(context: ToolContext, args: Input, act: Act): ToolResult | undefined {
  const { run_id, question_id = '', answer = null, digest, lease_seconds, capabilities } = args;
  if (act === 'answer') return recordAnswer(context, run_id, question_id, { answer, digest });
  if (act === 'signal') return signalled(context, args);
  const leaseMs = lease_seconds === undefined ? undefined : Math.round(lease_seconds * 1_000);
  return recordEvent(context, run_id, 'the claim was not recorded', (run) =>
    claimEvent(context, run, question_id, act, { leaseMs, capabilities }),
  );
}

function signalled(
  context: ToolContext,
  { run_id, signal = '', payload = {} }: Input,
): ToolResult | undefined {
  const problem = hostProblem(context.belay, 'the signal was not recorded');
  if (problem) return problem;
  const sent = sendSignal(requester(context), run_id, { name: signal, payload });
  if (!sent.ok) return refusedRequest(context.belay, run_id, sent.error);
  context.belay.host?.kick(run_id);
  return undefined;
}
