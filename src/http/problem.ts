/**
 * Errors as RFC 9457 problem documents. The words are the tools' own; this file only knows which status a code gets.
 */
import { STATUS_CODES } from 'node:http';
import type { ToolError, ToolResult } from '../tools/tool.ts';

/** Codes without an entry are the caller's mistake: 400. */
const STATUS_OF: { readonly [code: string]: number } = {
  unauthorized: 401,
  forbidden: 403,
  human_required: 403,
  unknown_route: 404,
  unknown_run: 404,
  unknown_workflow: 404,
  unknown_step: 404,
  unknown_question: 404,
  unknown_checkpoint: 404,
  unknown_artifact: 404,
  unknown_webhook: 404,
  unknown_delivery: 404,
  unknown_pattern: 404,
  artifact_removed: 410,
  method_not_allowed: 405,
  conflict: 409,
  claimed: 409,
  not_claimed: 409,
  not_capable: 403,
  digest_mismatch: 409,
  confirmation_needed: 409,
  missing_variable: 409,
  too_large: 413,
  wrong_media_type: 415,
  invalid_definition: 422,
  invalid_answer: 422,
  rate_limited: 429,
  internal: 500,
  corrupt: 500,
  not_supported: 501,
  storage: 503,
  busy: 503,
  leaving: 503,
  cancelled: 503,
};

const BAD_REQUEST = 400;

/** Status of an answer that says this. */
export const statusOf = (code: string): number =>
  Object.hasOwn(STATUS_OF, code) ? (STATUS_OF[code] as number) : BAD_REQUEST;

/** The answer for an error; `headers` go along. */
export function problem(error: ToolError, headers: { readonly [name: string]: string } = {}): Response {
  const status = statusOf(error.code);
  const { code, message, hint, next, data } = error;
  const document = {
    // no page of its own: `code` tells errors apart
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: message,
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(next !== undefined && { next }),
    ...(data !== undefined && { data }),
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}

/** The error in a result that is known to be one. */
export function errorOf(result: ToolResult): ToolError {
  if (result.kind === 'error') return result.error;
  throw new Error('expected an error');
}
