/**
 * `approval`: asks one human, or several, whether the run may go on, and fails closed.
 * Owns the question and the meaning of its answer; how many have to approve is counted by the engine, and who somebody
 * is is for the faces to say.
 */
import * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import { APPROVALS_MAX } from '../engine/core/limits.ts';
import type { Json, JsonObject } from '../engine/core/model.ts';
import type { GivenAnswer, Outcome, StepType } from '../engine/core/step-type.ts';
import { answerObject, checkAnswer } from './check-answer.ts';
import { durationField, durationMs } from './duration.ts';
import { answerInvalid, expired, rejected } from './messages.ts';
import { answererFields, answererKinds, answerersOf } from './question/answerer-fields.ts';
import { showField, shownContext } from './question/shown-context.ts';

const schema = z
  .strictObject({
    message: z.string().min(1).describe('What is to be approved; may hold {{ }}'),
    show: showField.optional(),
    ...answererFields,
    approvals: z
      .int()
      .min(1)
      .max(APPROVALS_MAX)
      .optional()
      .describe('How many different people have to approve; 1 unless said. One rejection ends it'),
    expires: durationField.optional().describe('Time to answer; without it the question stays open'),
    on_expire: z
      .enum(['fail', 'approve', 'reject'])
      .optional()
      .describe('When nobody answered in time: fail unless said'),
  })
  .refine(
    ({ approvals = 1, by, roles }) => roles !== undefined || by === undefined || by.length >= approvals,
    {
      path: ['approvals'],
      error: 'expected no more than there are names in `by`',
    },
  );

/** JSON Schema of the answer; `true` and `false` alone are understood too. */
const ANSWER: JsonObject = {
  type: 'object',
  properties: {
    approved: { type: 'boolean', title: 'Approve', description: 'true to go on, false to stop the run' },
    reason: { type: 'string', title: 'Reason', description: 'Kept in the journal' },
  },
  required: ['approved'],
};

const NOBODY = 'nobody answered in time';

export const approvalStep: StepType<z.ZodObject> = {
  type: 'approval',
  summary: 'Ask a human whether to go on',
  schema,
  fields: {
    message: 'template',
    show: 'template',
    ...answererKinds,
    approvals: 'literal',
    expires: 'literal',
    on_expire: 'literal',
  },
  effects: 'none',

  begin(context) {
    const config = schema.parse(context.step.config);
    const prompt = context.renderText(config.message);
    if (!prompt.ok) return prompt;
    const shown = shownContext(context, config.show);
    if (!shown.ok) return shown;
    const ms = durationMs(config.expires);
    return ok({
      kind: 'ask',
      ask: {
        kind: 'approval',
        prompt: prompt.value,
        ...shown.value,
        ...answerersOf(config),
        schema: ANSWER,
        askedOf: 'human',
        ...(ms === undefined ? {} : { expiresAtMs: context.nowMs + ms }),
      },
    });
  },

  answered(context, answer, given = []) {
    const problems = checkAnswer(ANSWER, answer);
    if (problems.length > 0) return { ok: false, failure: answerInvalid(context.key, problems) };
    const { approved, reason } = saidIn(answer);
    return decided(context.key, approved, reason, given);
  },

  expired(context) {
    const policy = schema.parse(context.step.config).on_expire ?? 'fail';
    if (policy === 'fail') return { ok: false, failure: expired(context.key) };
    return decided(context.key, policy === 'approve', NOBODY);
  },

  plan(context) {
    const { message, approvals = 1 } = schema.parse(context.step.config);
    const prompt = context.renderText(message);
    return {
      does: `asks ${approvals > 1 ? `${approvals} people` : 'a human'} for approval${prompt.ok ? `: ${prompt.value}` : ''}`,
      ...(prompt.ok ? {} : { unknown: prompt.error.message }),
    };
  },
};

function saidIn(answer: Json): { readonly approved: boolean; readonly reason: string } {
  const { approved, reason = '' } = answerObject(ANSWER, answer) as { approved: boolean; reason?: string };
  return { approved, reason };
}

function decided(
  step: string,
  approved: boolean,
  reason: string,
  given: readonly GivenAnswer[] = [],
): Outcome {
  const answers = given.map(({ by, answer }) => ({ by, ...saidIn(answer) }));
  const outputs = { approved, reason, ...(answers.length > 0 && { answers }) };
  return approved ? { ok: true, outputs } : { ok: false, failure: rejected(step, reason), outputs };
}
