/**
 * What a step makes of an answer: success or failure by its status, and the outputs that expressions read.
 * Owns what is kept in the journal and how much of it; the rest is there for the step's own `outputs:` only.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { OUTPUT_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { Outcome } from '../../engine/core/step-type.ts';
import { isTooDeep, TOO_DEEP } from '../../engine/core/value-depth.ts';
import { isExpected } from './expected-status.ts';
import { type Answer, followRedirects } from './follow-redirects.ts';
import type { HttpCall } from './http-call.ts';
import { notJson, statusFailure } from './http-messages.ts';
import { readBody, saveBody } from './read-answer.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Of an answer that is no success. */
const FAILED_BODY_CHARS_MAX = 4_000;
/** Of an answer that is no JSON, in a message. */
const SHOWN_CHARS_MAX = 80;

/** Makes the call. Rejects when the signal is given. */
export async function answerOutcome(call: HttpCall, signal: AbortSignal): Promise<Outcome> {
  const answer = await followRedirects(call, signal);
  if (!answer.ok) return failed(call, answer.error);
  const { url, response } = answer.value;
  const { statusCode: status = 0, headers } = response;
  const isSuccess = isExpected(call.expect, status);
  const head = { status, headers: withoutSecrets(headersOf(answer.value), call.secrets) };
  if (isSuccess && call.saveTo) {
    const bytes = await saveBody(call, answer.value, call.saveTo, signal);
    if (!bytes.ok) return failed(call, bytes.error, head);
    return succeeded(call, head, { file: call.saveTo.path, bytes: bytes.value }, []);
  }
  const body = await readBody(call, answer.value, signal);
  if (!body.ok) return failed(call, body.error, head);
  const text = withoutSecrets(textOf(body.value, headers['content-type']), call.secrets);
  if (isSuccess) return textOutcome(call, answer.value, head, text);
  const retryAfterMs = askedDelayMs(headers['retry-after'], headers.date);
  return failed(call, statusFailure(url, status, call.expect, retryAfterMs), {
    ...head,
    body: text.slice(0, FAILED_BODY_CHARS_MAX),
  });
}

type Head = { readonly status: number; readonly headers: JsonObject };

function textOutcome(call: HttpCall, { url }: Answer, head: Head, text: string): Outcome {
  const type = String(head.headers['content-type'] ?? 'no content type');
  const json = jsonOf(text, call.secrets);
  if (json.ok) return succeeded(call, head, { body: text, json: json.value }, []);
  const found = json.error ?? `\`${text.slice(0, SHOWN_CHARS_MAX)}\``;
  if (call.readsJson) return failed(call, notJson(url, type, found), head);
  const claims = /[/+]json\b/.test(type) && text !== '';
  const warning = `the answer says that it is JSON, and is ${json.error ?? 'not'}`;
  return succeeded(call, head, { body: text }, claims ? [warning] : []);
}

/** The error says what it is in place of JSON that can be used; undefined: no JSON. */
function jsonOf(text: string, secrets: readonly string[]): Result<Json, string | undefined> {
  try {
    const value = JSON.parse(text) as Json;
    return isTooDeep(value) ? err(TOO_DEEP) : ok(withoutSecrets(value, secrets));
  } catch {
    return err(undefined);
  }
}

/** Cookies are for the step itself: they open doors. */
function succeeded(call: HttpCall, head: Head, got: JsonObject, warnings: readonly string[]): Outcome {
  const { 'set-cookie': _cookie, ...headers } = head.headers;
  const { status } = head;
  const known = [...warnings, ...(call.insecure ? ['the certificate was not checked'] : [])];
  const kept = call.keepsLittle ? { outputs: {}, left: [] } : fitting(got);
  return {
    ok: true,
    names: { ...head, ...got },
    outputs: { status, ...(!call.keepsLittle && { headers }), ...kept.outputs },
    warnings: [...known, ...kept.left],
  };
}

/** What the journal takes; text is cut there, JSON cannot be. */
function fitting(got: JsonObject): { readonly outputs: JsonObject; readonly left: readonly string[] } {
  const outputs: { [name: string]: Json } = {};
  const left: string[] = [];
  for (const [name, value] of Object.entries(got)) {
    const bytes = Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
    if (bytes <= OUTPUT_BYTES_MAX) outputs[name] = value;
    else left.push(`\`${name}\` has ${bytes} bytes: only \`outputs:\` of the step itself can read it`);
  }
  return { outputs, left };
}

function failed({ secrets }: HttpCall, failure: Failure, outputs?: JsonObject): Outcome {
  const { 'set-cookie': _cookie, ...headers } = (outputs?.headers ?? {}) as JsonObject;
  return {
    ok: false,
    failure: { ...failure, message: withoutSecrets(failure.message, secrets) },
    ...(outputs && { outputs: { ...outputs, headers } }),
  };
}

/** Names in lower case; several values are joined as HTTP joins them. */
const headersOf = ({ response }: Answer): JsonObject =>
  Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('\n') : (value ?? ''),
    ]),
  );

/** By the character set that the answer names; one that is not known counts as UTF-8. */
function textOf(bytes: Buffer, type = ''): string {
  const [, named = 'utf-8'] = /charset="?([\w.:-]+)/i.exec(type) ?? [];
  try {
    return new TextDecoder(named).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

/** `Retry-After`: seconds, or a time, which is measured by the clock of whoever answers. */
function askedDelayMs(retryAfter: string | undefined, date: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,10}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const ms = Date.parse(retryAfter) - Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
