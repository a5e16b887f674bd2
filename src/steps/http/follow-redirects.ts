/**
 * From a call to the answer that counts: follows redirects as a browser does, as far as that is safe.
 * 1. Every hop to a host that the definition does not name has its address checked.
 * 2. To another origin nothing goes along that could be a secret: neither headers nor a body.
 * 3. Never from https to http.
 */
import type { IncomingMessage } from 'node:http';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { HTTP_REDIRECTS_MAX } from '../../engine/core/limits.ts';
import { exchange, type Hop } from './exchange.ts';
import { isExpected } from './expected-status.ts';
import type { HttpCall } from './http-call.ts';
import { redirectRefused } from './http-messages.ts';

/** The head of an answer, and where it came from. */
export interface Answer {
  readonly url: URL;
  readonly response: IncomingMessage;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that say nothing about who asks. */
const HARMLESS: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);
const OF_THE_BODY: ReadonlySet<string> = new Set(['content-type', 'content-encoding', 'content-language']);

export async function followRedirects(call: HttpCall, signal: AbortSignal): Promise<Result<Answer, Failure>> {
  const url = new URL(call.url);
  const { method, headers } = call;
  const isChecked = !call.isHostLiteral && !call.allowPrivate;
  let hop: Hop = { url, method, headers, sendsBody: true, isChecked, isRedirect: false };
  const seen = new Set([nameOf(hop)]);
  for (;;) {
    const answer = await exchange(call, hop, signal);
    if (!answer.ok) return answer;
    const response = answer.value;
    const target = targetOf(call, response);
    if (target === undefined) return ok({ url: hop.url, response });
    response.destroy();
    const next = nextHop(call, hop, response.statusCode ?? 0, target);
    if (!next.ok) return next;
    const isLoop = seen.has(nameOf(next.value));
    if (isLoop || seen.size > HTTP_REDIRECTS_MAX) {
      const what = isLoop ? 'leads in a circle' : `is redirected more than ${HTTP_REDIRECTS_MAX} times`;
      return err(redirectRefused(url, what, 'give the URL that it should lead to'));
    }
    seen.add(nameOf(next.value));
    hop = next.value;
  }
}

const nameOf = ({ method, url }: Hop): string => `${method} ${url.href}`;

/** Where the answer leads; undefined where it is the answer, also because the step expects just this status. */
function targetOf({ expect }: HttpCall, { statusCode = 0, headers }: IncomingMessage): string | undefined {
  return REDIRECTS.has(statusCode) && !isExpected(expect, statusCode) ? headers.location : undefined;
}

function nextHop(call: HttpCall, hop: Hop, status: number, target: string): Result<Hop, Failure> {
  const refuse = (what: string, hint = 'give the URL that it should lead to') =>
    err(redirectRefused(hop.url, what, hint));
  const url = URL.parse(target, hop.url.href);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    return refuse('is redirected to what is no URL of http or https');
  if (hop.url.protocol === 'https:' && url.protocol === 'http:')
    return refuse(`is redirected from https to http, to \`${url.host}\``);
  url.username = '';
  url.password = '';
  const becomesGet =
    (status === 303 && hop.method !== 'HEAD') ||
    ((status === 301 || status === 302) && hop.method === 'POST');
  const sendsBody = hop.sendsBody && !becomesGet;
  const isElsewhere = url.origin !== hop.url.origin;
  if (isElsewhere && sendsBody && (call.text !== undefined || call.file !== undefined))
    return refuse(`would send the body on to \`${url.host}\``);
  const isOwnHost = call.isHostLiteral && url.hostname === new URL(call.url).hostname;
  return ok({
    url,
    method: becomesGet ? 'GET' : hop.method,
    headers: kept(hop.headers, isElsewhere, sendsBody),
    sendsBody,
    isChecked: !call.allowPrivate && !isOwnHost,
    isRedirect: true,
  });
}

const kept = (headers: Hop['headers'], isElsewhere: boolean, sendsBody: boolean): Hop['headers'] =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => (!isElsewhere || HARMLESS.has(name)) && (sendsBody || !OF_THE_BODY.has(name)),
    ),
  );
