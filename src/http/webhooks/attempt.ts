/**
 * One try at bringing one event to one receiver, and what it means.
 * 1. The address is checked where the connection is made, and again at each redirect, unless the webhook may lie on this
 *    machine or in its network.
 * 2. Only a redirect that keeps method and body is followed, and the body goes to no other origin.
 * 3. Any 2xx is an arrival. 410 says that the receiver is gone. Everything else is tried again, later each time.
 */
import type { Failure } from '../../engine/core/failure.ts';
import { RETRY_AFTER_MS_MAX, WEBHOOK_MS_MAX } from '../../engine/core/limits.ts';
import { followRedirects } from '../../steps/http/follow-redirects.ts';
import type { HttpCall } from '../../steps/http/http-call.ts';
import type { AttemptOutcome } from '../../store/webhooks/delivery-list.ts';
import type { Webhook } from '../../store/webhooks/webhook-list.ts';
import { signatureHeaders } from './signature.ts';

/** Waits before the second try and the later ones: some 42 hours in all. */
const DELAYS_MS = [5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 86_400].map((seconds) => seconds * 1_000);
/** Share of a wait that chance takes away, so that many do not come back at once. */
const JITTER = 0.2;
const GONE = 410;
/** A redirect that would make a GET of it counts as an answer, and not as an arrival. */
const ANSWERS = ['1xx', '2xx', '4xx', '5xx', 300, 301, 302, 303, 304, 305, 306];

export interface Message {
  readonly id: string;
  readonly body: string;
  /** Tries so far. */
  readonly attempts: number;
}

export interface Attempt {
  readonly outcome: AttemptOutcome;
  /** The receiver wants no more of them. */
  readonly gone: boolean;
}

/** @param random from 0 to 1; undefined comes back where the signal ended the try: it has not been made */
export async function attempt(
  { url, allowPrivate }: Webhook,
  secret: Uint8Array,
  message: Message,
  around: { readonly signal: AbortSignal; readonly now: () => number; readonly random: () => number },
): Promise<Attempt | undefined> {
  const headers = signatureHeaders(secret, { ...message, atMs: around.now() });
  const late = AbortSignal.timeout(WEBHOOK_MS_MAX);
  const signal = AbortSignal.any([around.signal, late]);
  try {
    const answer = await followRedirects(call(url, allowPrivate, headers, message.body), signal);
    if (!answer.ok)
      return { gone: false, outcome: again(message, around, { error: reasonOf(answer.error) }) };
    const { statusCode: status = 0, headers: said } = answer.value.response;
    answer.value.response.destroy();
    return judged(message, around, status, said['retry-after']);
  } catch (error) {
    if (around.signal.aborted) return undefined;
    if (!late.aborted) throw error;
    const words = `no answer within ${WEBHOOK_MS_MAX / 1_000} seconds`;
    return { gone: false, outcome: again(message, around, { error: words }) };
  }
}

const call = (
  url: string,
  allowPrivate: boolean,
  headers: { readonly [name: string]: string },
  text: string,
): HttpCall => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', 'user-agent': 'belay-webhooks', ...headers },
  text,
  expect: ANSWERS,
  isHostLiteral: false,
  allowPrivate,
  insecure: false,
  // its body is not read
  bytesMax: 0,
  keepsLittle: true,
  readsJson: false,
  secrets: [],
  repeatable: true,
});

/** The words for a refused address are those of a step, and name a way out that a webhook does not have. */
const reasonOf = ({ code, message }: Failure): string =>
  code === 'address_refused' ? 'a private address is behind it, and it has no `allow_private`' : message;

type Around = Pick<Parameters<typeof attempt>[3], 'now' | 'random'>;

function judged(message: Message, around: Around, answer: number, retryAfter: string | undefined): Attempt {
  const atMs = around.now();
  if (answer >= 200 && answer < 300) return { gone: false, outcome: { status: 'delivered', atMs, answer } };
  const error = `the receiver answered ${answer}`;
  if (answer === GONE) return { gone: true, outcome: { status: 'dead', atMs, answer, error } };
  const seconds = /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
  const waitMs = Math.min(seconds * 1_000, RETRY_AFTER_MS_MAX);
  return { gone: false, outcome: again(message, around, { answer, error }, waitMs) };
}

function again(
  { attempts }: Message,
  { now, random }: Around,
  found: Pick<AttemptOutcome, 'answer' | 'error'>,
  atLeastMs = 0,
): AttemptOutcome {
  const atMs = now();
  const delayMs = DELAYS_MS[attempts];
  if (delayMs === undefined) return { status: 'dead', atMs, ...found };
  const waitMs = Math.max(atLeastMs, Math.round(delayMs * (1 - JITTER * random())));
  return { status: 'pending', atMs, nextAtMs: atMs + waitMs, ...found };
}
