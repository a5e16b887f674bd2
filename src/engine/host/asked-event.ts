/** The event of a question, from what a step type asks. */
import type { QuestionAsked, StepKey } from '../core/events.ts';
import type { Ask } from '../core/step-type.ts';

export const askedEvent = (step: StepKey, question: string, ask: Ask): QuestionAsked => ({
  type: 'question.asked',
  question,
  step,
  kind: ask.kind,
  prompt: ask.prompt,
  ...(ask.context !== undefined && { context: ask.context }),
  schema: ask.schema,
  asked_of: ask.askedOf,
  ...(ask.answerers && { answerers: ask.answerers }),
  ...(ask.expiresAtMs !== undefined && { expires_at: ask.expiresAtMs }),
});
