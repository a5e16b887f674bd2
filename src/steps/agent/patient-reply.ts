/**
 * A reply of one model, asked for again where the trouble passes by itself. Owns how often and how long to wait;
 * who is asked after that is the loop's.
 */
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_RETRY_WAIT_MS_MAX, AGENT_TRIES_MAX } from '../../engine/core/limits.ts';
import { type Model, ModelTrouble, type Reply, type ReplyRequest } from './model.ts';

/** Time as the loop sees it. */
export interface AgentClock {
  /** Epoch ms. */
  now(): number;
  /** Rejects with the reason of the signal. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Aborted after this time. */
  after(ms: number): AbortSignal;
}

export interface Asking {
  readonly clock: AgentClock;
  readonly signal: AbortSignal;
  log(text: string): void;
}

const FIRST_WAIT_MS = 1_000;
const BACKOFF = 2;
/** Where nothing listens, nothing will listen a second later. */
const UNREACHABLE_TRIES_MAX = 2;

/** Rejects with the reason of the signal, or on a bug. */
export async function patientReply(
  model: Model,
  request: ReplyRequest,
  { clock, signal, log }: Asking,
): Promise<Result<Reply, ModelTrouble>> {
  for (let tries = 1; ; tries += 1) {
    const got = await oneReply(model, request, signal, log);
    if (got.ok) return got;
    const { kind, message, retryAfterMs } = got.error;
    const triesMax = kind === 'unreachable' ? UNREACHABLE_TRIES_MAX : AGENT_TRIES_MAX;
    const waitMs = retryAfterMs ?? FIRST_WAIT_MS * BACKOFF ** (tries - 1);
    const isHopeless = kind === 'refused' || tries >= triesMax || waitMs > AGENT_RETRY_WAIT_MS_MAX;
    log(`\n[${model.provider}: ${message}${isHopeless ? '' : `; asked again in ${waitMs / 1_000} s`}]\n`);
    if (isHopeless) return got;
    await clock.sleep(waitMs, signal);
  }
}

async function oneReply(
  model: Model,
  request: ReplyRequest,
  signal: AbortSignal,
  log: (text: string) => void,
): Promise<Result<Reply, ModelTrouble>> {
  try {
    return ok(await model.reply(request, signal, log));
  } catch (error) {
    if (error instanceof ModelTrouble) return err(error);
    throw error;
  }
}
