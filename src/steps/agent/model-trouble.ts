/**
 * What an error of a model's SDK means: both throw errors with `status` and `headers`.
 * Owns which statuses pass by themselves; who asks again, and how often, is decided in `patient-reply.ts`.
 */
import { ModelTrouble } from './model.ts';

const SHOWN_CHARS_MAX = 300;
/** Statuses below 500 that pass by themselves: a timeout, a conflict, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 425, 429]);

interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly headers?: unknown;
  readonly cause?: unknown;
  readonly type?: unknown;
}

/** @param isHeard a part of the reply had come already */
export function modelTrouble(error: unknown, signal: AbortSignal, isHeard: boolean): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ModelTrouble) return error;
  const { message, status, headers, cause } = error as SdkError;
  const says = String(message ?? error).slice(0, SHOWN_CHARS_MAX);
  if (typeof status === 'number') {
    const isPassing = status >= 500 || PASSING.has(status);
    return new ModelTrouble(isPassing ? 'busy' : 'refused', says, retryAfterMs(headers));
  }
  if (isHeard) return new ModelTrouble('cut', says);
  const code = codeOf(cause);
  return new ModelTrouble('unreachable', code === undefined ? says : `${says} (${code})`);
}

/** Of the innermost error: `ECONNREFUSED`, `ENOTFOUND`, … */
function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  const { code, cause: inner } = cause as { readonly code?: unknown; readonly cause?: unknown };
  return typeof code === 'string' ? code : codeOf(inner);
}

/** `retry-after-ms`, or `Retry-After` as seconds or as a time by the clock of whoever answers. */
function retryAfterMs(headers: unknown): number | undefined {
  if (!(headers instanceof Headers)) return undefined;
  const ms = headers.get('retry-after-ms');
  if (ms !== null && /^\d+(?:\.\d+)?$/.test(ms)) return Math.ceil(Number(ms));
  const after = headers.get('retry-after');
  if (after === null) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(after)) return Math.ceil(Number(after) * 1_000);
  const until = Date.parse(after) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}
