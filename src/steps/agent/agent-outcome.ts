/**
 * What an agent step hands on: the answer's fields, who gave it, and what it took. One place shapes the outputs.
 */
import type { Failure } from '../../engine/core/failure.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { Outcome } from '../../engine/core/step-type.ts';
import { answerObject } from '../check-answer.ts';
import { schemaMismatch } from './agent-messages.ts';
import { fitAnswer } from './answer-schema.ts';
import { type Prices, type Spent, usageOutput } from './budget.ts';
import { askedSchema } from './goal.ts';

export interface Account {
  readonly spent?: Spent;
  readonly by?: { readonly provider: string; readonly model?: string | undefined };
  readonly prices?: Prices;
}

export function answerOutcome(answer: Json, account: Account, warnings: readonly string[]): Outcome {
  return { ok: true, outputs: { ...fieldsOf(answer), ...accountOf(account) }, names: { answer }, warnings };
}

export const failedOutcome = (failure: Failure, account: Account = {}): Outcome => ({
  ok: false,
  failure,
  outputs: accountOf(account),
});

/** The answer of the connected agent. */
export function askedAnswer(
  schema: JsonObject | undefined,
  given: Json,
  warnings: readonly string[] = [],
): Outcome {
  const wanted = askedSchema(schema);
  const fit = fitAnswer(wanted, answerObject(wanted, given));
  if (!fit.ok) return failedOutcome(schemaMismatch(fit.error), { by: { provider: 'caller' } });
  const answer = schema ? fit.value : ((fit.value as JsonObject).text as Json);
  return answerOutcome(answer, { by: { provider: 'caller' } }, warnings);
}

function fieldsOf(answer: Json): JsonObject {
  if (typeof answer === 'string') return { text: answer };
  const isObject = typeof answer === 'object' && answer !== null && !Array.isArray(answer);
  return isObject ? (answer as JsonObject) : { answer };
}

function accountOf({ spent, by, prices }: Account): JsonObject {
  return {
    ...(spent && { usage: usageOutput(spent, prices), turns: spent.turns }),
    ...(by && { provider: by.provider }),
    ...(by?.model !== undefined && { model: by.model }),
  };
}
