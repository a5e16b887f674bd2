/**
 * `approval`: asks a human whether the run may go on, and fails closed.
 * Owns the question and the meaning of its answer; who may answer is for the faces to enforce.
 */
import * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { Outcome, StepType } from '../engine/core/step-type.ts';
import { answerObject, checkAnswer } from './check-answer.ts';
import { durationField, durationMs } from './duration.ts';
import { answerInvalid, expired, rejected } from './messages.ts';

const schema = z.strictObject({
  message: z.string().min(1).describe('What is to be approved; may hold {{ }}'),
  expires: durationField.optional().describe('Time to answer; without it the question stays open'),
  on_expire: z
    .enum(['fail', 'approve', 'reject'])
    .optional()
    .describe('When nobody answered in time: fail unless said'),
});

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
  fields: { message: 'template', expires: 'literal', on_expire: 'literal' },
  effects: 'none',

  begin(context) {
    const config = schema.parse(context.step.config);
    const prompt = context.renderText(config.message);
    if (!prompt.ok) return prompt;
    const ms = durationMs(config.expires);
    return ok({
      kind: 'ask',
      ask: {
        kind: 'approval',
        prompt: prompt.value,
        schema: ANSWER,
        askedOf: 'human',
        ...(ms === undefined ? {} : { expiresAtMs: context.nowMs + ms }),
      },
    });
  },

  answered(context, answer) {
    const problems = checkAnswer(ANSWER, answer);
    if (problems.length > 0) return { ok: false, failure: answerInvalid(context.key, problems) };
    const { approved, reason = '' } = answerObject(ANSWER, answer) as { approved: boolean; reason?: string };
    return decided(context.key, approved, reason);
  },

  expired(context) {
    const policy = schema.parse(context.step.config).on_expire ?? 'fail';
    if (policy === 'fail') return { ok: false, failure: expired(context.key) };
    return decided(context.key, policy === 'approve', NOBODY);
  },

  plan(context) {
    const prompt = context.renderText(schema.parse(context.step.config).message);
    return {
      does: `asks a human for approval${prompt.ok ? `: ${prompt.value}` : ''}`,
      ...(prompt.ok ? {} : { unknown: prompt.error.message }),
    };
  },
};

function decided(step: string, approved: boolean, reason: string): Outcome {
  const outputs = { approved, reason };
  return approved ? { ok: true, outputs } : { ok: false, failure: rejected(step, reason), outputs };
}
