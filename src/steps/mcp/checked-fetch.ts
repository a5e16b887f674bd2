/**
 * `fetch` for the SDK by the rules of the step type `http`: the address is checked at the connection, certificates are
 * checked, an answer has a bound. Does not follow redirects: the SDK does, within the origin, and each hop comes here.
 */
import type { IncomingMessage } from 'node:http';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import type { FetchLike } from '@modelcontextprotocol/client';
import type { Failure } from '../../engine/core/failure.ts';
import { MCP_ANSWER_BYTES_MAX } from '../../engine/core/limits.ts';
import { exchange } from '../http/exchange.ts';
import type { HttpCall } from '../http/http-call.ts';
import type { WebServer } from './mcp-call.ts';
import { answerTooLarge } from './mcp-messages.ts';

/** What a rejected `fetch` carries. */
class ExchangeError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** @param failed is told why an exchange failed: the SDK does not hand everything on */
export function checkedFetch(
  { isChecked }: WebServer,
  isRepeatable: boolean,
  failed: (failure: Failure) => void,
): FetchLike {
  const fail = (failure: Failure): never => {
    failed(failure);
    throw new ExchangeError(failure);
  };
  return async (target, init = {}) => {
    const url = new URL(target);
    const { method = 'GET', body } = init;
    const headers = Object.fromEntries(new Headers(init.headers));
    const hop = { url, method, headers, sendsBody: true, isChecked, isRedirect: false };
    const text = typeof body === 'string' ? body : undefined;
    const signal = init.signal ?? new AbortController().signal;
    signal.throwIfAborted();
    const answer = await exchange(callOf(url, method, headers, text, isRepeatable), hop, signal);
    return answer.ok ? responseOf(answer.value, failed) : fail(answer.error);
  };
}

const callOf = (
  url: URL,
  method: string,
  headers: HttpCall['headers'],
  text: string | undefined,
  repeatable: boolean,
): HttpCall => ({
  method,
  url: url.href,
  headers,
  ...(text !== undefined && { text }),
  expect: [],
  isHostLiteral: false,
  allowPrivate: false,
  insecure: false,
  bytesMax: MCP_ANSWER_BYTES_MAX,
  keepsLittle: false,
  readsJson: false,
  secrets: [],
  repeatable,
});

function responseOf(message: IncomingMessage, failed: (failure: Failure) => void): Response {
  const { statusCode: status = 0, statusMessage: statusText = '' } = message;
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers))
    for (const each of [value ?? []].flat()) headers.append(name, each);
  if (BODILESS.has(status)) {
    message.resume();
    return new Response(null, { status, statusText, headers });
  }
  const bound = bounded(failed);
  message.on('error', (error) => bound.destroy(error));
  // a reader that leaves early leaves the connection too
  bound.on('close', () => message.destroy());
  bound.on('error', () => {});
  const body = Readable.toWeb(message.pipe(bound)) as ReadableStream<Uint8Array>;
  return new Response(body, { status, statusText, headers });
}

function bounded(failed: (failure: Failure) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done: TransformCallback) {
      bytes += piece.length;
      if (bytes <= MCP_ANSWER_BYTES_MAX) return done(null, piece);
      const failure = answerTooLarge('the server', MCP_ANSWER_BYTES_MAX);
      failed(failure);
      done(new ExchangeError(failure));
    },
  });
}
