/**
 * `http`: asks a web server for something. The call is made in the host, ends with it, and is made at most once unless
 * it may be repeated. Owns what the step promises; the fields, the request and the answer are in `http/`.
 */
import type * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import { HTTP_MS_MAX } from '../engine/core/limits.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { type HttpCall, httpCall, isSafe, methodOf } from './http/http-call.ts';
import { httpFields } from './http/http-fields.ts';
import { shownUrl } from './http/http-messages.ts';

export const httpStep: StepType<z.ZodObject> = {
  type: 'http',
  summary: 'Make an HTTP request',
  schema: httpFields,
  fields: {
    url: 'template',
    method: 'literal',
    headers: 'template',
    query: 'template',
    json: 'template',
    form: 'template',
    body: 'template',
    file: 'template',
    auth: 'template',
    expect: 'literal',
    save_to: 'template',
    max_bytes: 'literal',
    idempotency_key: 'template',
    tls: 'template',
    allow_private: 'literal',
  },
  effects: 'remote',

  effectsOf(config) {
    const fields = httpFields.parse(config);
    if (!isSafe(methodOf(fields))) return 'remote';
    return fields.save_to === undefined ? 'none' : 'workspace';
  },

  begin(context) {
    const call = httpCall(context, httpFields.parse(context.step.config));
    if (!call.ok) return call;
    const { repeatable } = call.value;
    return ok({ kind: 'call', call: call.value, repeatable, timeoutMs: HTTP_MS_MAX });
  },

  async perform(call, { signal }) {
    const { answerOutcome } = await import('./http/answer-outcome.ts');
    return answerOutcome(call as HttpCall, signal);
  },

  plan(context) {
    const fields = httpFields.parse(context.step.config);
    const call = httpCall(context, fields);
    const method = methodOf(fields);
    if (!call.ok) return { does: `sends ${method} to \`${fields.url}\``, unknown: call.error.message };
    const { url, saveTo } = call.value;
    const into = saveTo ? ` and saves the answer to \`${saveTo.path}\`` : '';
    return { does: `sends ${method} to ${shownUrl(new URL(url))}${into}` };
  },
};
