/**
 * Asking the person behind the client. The two protocol eras do it in opposite directions: a 2026-07-28 client
 * gets the forms as the answer and calls again with the responses; a 2025-era client is sent
 * `elicitation/create` while its call is open. It fails closed: no declared capability, no question and no answer.
 */
import {
  type InputRequiredResult,
  inputRequired,
  isSpecType,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { JsonObject } from '../engine/core/model.ts';
import { log } from '../engine/host/log.ts';
import type { FormAsk, FormResponse } from '../tools/tool.ts';

/** People take their time; whoever waits longer finds the question open in the run. */
export const PERSON_MS_MAX = 10 * 60_000;

export type FormResponses = { readonly [ask: string]: FormResponse };

type FormSchema = Parameters<typeof inputRequired.elicit>[0]['requestedSchema'];

/** MCP's forms are flat: clients refuse the whole call for one that is not, so such a question stays open instead. */
export function fitsForm(ask: FormAsk): boolean {
  return isSpecType.ElicitRequestFormParams({ mode: 'form', ...formOf(ask) });
}

/** What makes a 2026-07-28 client show the forms. */
export const formRequests = (asks: readonly FormAsk[]): NonNullable<InputRequiredResult['inputRequests']> =>
  Object.fromEntries(asks.map((ask) => [ask.id, inputRequired.elicit(formOf(ask))]));

/** What a 2026-07-28 client brought back; a form without a usable response counts as cancelled. */
export function returnedResponses(asks: readonly string[], context: ServerContext): FormResponses {
  const returned = context.mcpReq.inputResponses ?? {};
  return Object.fromEntries(
    asks.map((id) => [id, readResponse(Object.hasOwn(returned, id) ? returned[id] : undefined)]),
  );
}

/** Shows the forms to a 2025-era client, one after the other; undefined when nobody could be asked. */
export async function elicit(
  asks: readonly FormAsk[],
  context: ServerContext,
  signal: AbortSignal,
  meta?: { readonly [name: string]: unknown },
): Promise<FormResponses | undefined> {
  const responses: { [ask: string]: FormResponse } = {};
  for (const ask of asks) {
    try {
      const params = { mode: 'form', ...formOf(ask), ...(meta && { _meta: meta }) };
      const options = { timeout: PERSON_MS_MAX, signal };
      responses[ask.id] = readResponse(
        await context.mcpReq.send({ method: 'elicitation/create', params }, options),
      );
    } catch (err) {
      log.info({ err, ask: ask.id }, 'the client did not answer a form');
      return undefined;
    }
  }
  return responses;
}

/** A person has spoken: at least one form was sent or declined. A cancelled one may never have been seen. */
export function isAnswered(responses: FormResponses): boolean {
  return Object.values(responses).some((response) => response.action !== 'cancel');
}

/** The form as MCP words it. */
export function formOf(ask: FormAsk) {
  return { message: ask.message, requestedSchema: ask.schema as unknown as FormSchema };
}

/** What a client brought back for one form; anything else than an accepted or declined one was not answered. */
export function readResponse(value: unknown): FormResponse {
  const { action, content } = (value ?? {}) as { action?: unknown; content?: unknown };
  if (action === 'decline') return { action };
  if (action !== 'accept') return { action: 'cancel' };
  const filled = typeof content === 'object' && content !== null && !Array.isArray(content);
  return filled ? { action, content: content as JsonObject } : { action };
}
