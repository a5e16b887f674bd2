/**
 * A notification over HTTP: a Slack-compatible webhook, or any other. Owns what is sent; the call, its address rule and
 * its failures are those of `http`.
 * 1. A webhook's path and query let everybody in who knows them: no message shows them.
 * 2. Only the answer of the very URL counts: where it leads elsewhere nobody was notified.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { type HttpCall, httpCall } from '../http/http-call.ts';
import type { HttpFields } from '../http/http-fields.ts';
import { redirectRefused } from '../http/http-messages.ts';
import type { SlackFields, WebhookFields } from './notify-fields.ts';
import type { Words } from './words.ts';

export function slackCall(
  context: StepContext,
  written: SlackFields,
  words: Words,
  allowPrivate: boolean,
): Result<HttpCall, Failure> {
  const { url, json = {} } = typeof written === 'string' ? { url: written } : written;
  const more = context.render(json as JsonObject);
  if (!more.ok) return more;
  const call = callOf(context, { url, method: 'POST', allow_private: allowPrivate });
  if (!call.ok) return call;
  const title = words.title === undefined ? '' : `*${escaped(words.title)}*\n`;
  return ok(
    withBody(call.value, { text: `${title}${escaped(words.message)}`, ...(more.value as JsonObject) }),
  );
}

export function webhookCall(
  context: StepContext,
  written: WebhookFields,
  words: Words,
  allowPrivate: boolean,
): Result<HttpCall, Failure> {
  const call = callOf(context, { method: 'POST', ...written, allow_private: allowPrivate });
  if (!call.ok || written.json !== undefined) return call;
  const { title, message } = words;
  const run = { run_id: context.runId, step: context.step.id };
  return ok(withBody(call.value, { ...(title !== undefined && { title }), message, ...run }));
}

function callOf(context: StepContext, fields: HttpFields): Result<HttpCall, Failure> {
  const call = httpCall(context, fields);
  if (!call.ok) return call;
  return ok({
    ...call.value,
    expect: ['2xx', '3xx'],
    keepsLittle: true,
    readsJson: false,
    repeatable: context.step.idempotent,
  });
}

/** The body has its values already: it is no template any more. */
const withBody = (call: HttpCall, body: JsonObject): HttpCall => ({
  ...call,
  headers: { 'content-type': 'application/json', ...call.headers },
  text: JSON.stringify(body),
});

/** So that no value mentions a channel or hides a link. Source: Slack's rules for text of its own markup. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Rejects when the signal is given. */
export async function sendWebMessage(
  call: HttpCall,
  signal: AbortSignal,
): Promise<Result<JsonObject, Failure>> {
  const { answerOutcome } = await import('../http/answer-outcome.ts');
  const outcome = await answerOutcome(call, signal);
  const url = new URL(call.url);
  const { origin } = url;
  if (!outcome.ok) return err(withoutPath(url, withStatus(origin, outcome.failure)));
  const status = Number(outcome.outputs?.status);
  if (status < 300) return ok({ status });
  const hint = 'give the URL that it should lead to';
  return err(redirectRefused(new URL(origin), `answered with status ${status}`, hint));
}

/** The origin stays whole: it is no secret, and a short path may look like a part of it. */
function withoutPath({ origin, pathname, search }: URL, failure: Failure): Failure {
  const secrets = [pathname, search].filter((each) => each.length > 1);
  const hide = (text: string) =>
    secrets.reduce((shown, each) => shown.replaceAll(each, `${each[0]}***`), text);
  return { ...failure, message: failure.message.split(origin).map(hide).join(origin) };
}

/** In the words of a notification, whose answer is no output. */
function withStatus(origin: string, failure: Failure): Failure {
  if (failure.code !== 'status') return failure;
  const message = `\`${origin}\` answered with status ${failure.data?.status}, expected 2xx`;
  return { ...failure, message, hint: 'check the URL, and what its owner takes' };
}
