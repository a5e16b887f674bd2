/**
 * MCP's stdio framing over two streams: one JSON-RPC message per line. It replaces the SDK's own because that
 * one ends the connection at an oversized line, says nothing of a broken one, and drops what is still being
 * answered when the input ends.
 * 1. Bad input is answered with a JSON-RPC error and never ends the connection.
 * 2. The end of the input still lets open requests be answered, for `drainMs` at most; a broken output does not.
 * 3. `closed` resolves once; nothing is written after it.
 */
import type { Readable, Writable } from 'node:stream';
import { type JSONRPCMessage, parseJSONRPCMessage, type Transport } from '@modelcontextprotocol/server';
import { LineReader, type LongLine } from './line-reader.ts';

/** A longer message is refused with `invalid request`; it is never held in memory. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

type RequestId = string | number;

interface StdioTransportOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** How long open requests may still be answered after the input has ended. */
  readonly drainMs: number;
  /** The client has closed its side: whoever waits for it should stop waiting. */
  onInputEnd(): void;
}

export class StdioTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  /** Resolves when the connection is over, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #options: StdioTransportOptions;
  readonly #reader: LineReader;
  readonly #open = new Set<RequestId>();
  #resolveClosed!: () => void;
  #isClosed = false;
  #drain: NodeJS.Timeout | undefined;

  constructor(options: StdioTransportOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#reader = new LineReader(MESSAGE_BYTES_MAX, {
      line: (text) => this.#receive(text),
      longLine: (line) => this.#refuseLong(line),
    });
  }

  async start(): Promise<void> {
    const { input, output } = this.#options;
    // The listener stays after the close: a late EPIPE must not become an uncaught exception.
    output.on('error', () => this.close());
    input.on('data', this.#onData);
    input.on('end', this.#onEnd);
    input.on('error', this.#onEnd);
    input.on('close', this.#onEnd);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#drain);
    const { input } = this.#options;
    input.off('data', this.#onData);
    input.pause();
    this.onclose?.();
    this.#resolveClosed();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#isClosed) throw new Error('the client is gone');
    await this.#write(message);
    if (!('method' in message) && message.id !== undefined) this.#settle(message.id);
  }

  readonly #onData = (chunk: Buffer): void => this.#reader.push(chunk);

  readonly #onEnd = (): void => {
    if (this.#isClosed || this.#drain !== undefined) return;
    this.#drain = setTimeout(() => this.close(), this.#options.drainMs);
    this.#reader.end();
    this.#options.onInputEnd();
    if (this.#open.size === 0) this.close();
  };

  #receive(text: string): void {
    const read = readMessage(text);
    if ('problem' in read) {
      this.#refuse(read.code, read.problem, read.id);
      return;
    }
    const { message } = read;
    if ('method' in message) {
      // A subscription is answered only when it ends, so it is nothing to wait for.
      if ('id' in message && message.method !== 'subscriptions/listen') this.#open.add(message.id);
      if (message.method === 'notifications/cancelled') this.#settle(message.params?.requestId as RequestId);
    }
    this.onmessage?.(message);
  }

  #refuseLong(line: LongLine): void {
    const message = `invalid request: a message of ${line.bytes} bytes, expected at most ${MESSAGE_BYTES_MAX}`;
    this.#refuse(INVALID_REQUEST, message, requestIdAtEnds(line));
  }

  #refuse(code: number, message: string, id: RequestId | null): void {
    this.onerror?.(new Error(message));
    // JSON-RPC wants a null id where the request's is unknown; the SDK's type does not have it.
    this.#write({ jsonrpc: '2.0', id, error: { code, message } } as JSONRPCMessage).catch(() => {});
  }

  #settle(id: RequestId): void {
    this.#open.delete(id);
    if (this.#drain !== undefined && this.#open.size === 0) this.close();
  }

  #write(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#options.output.write(`${JSON.stringify(message)}\n`, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }
}

type Read =
  | { readonly message: JSONRPCMessage }
  | { readonly problem: string; readonly code: number; readonly id: RequestId | null };

function readMessage(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const problem = 'parse error: a line is not JSON, expected one JSON-RPC message per line';
    return { problem, code: PARSE_ERROR, id: null };
  }
  try {
    return { message: parseJSONRPCMessage(value) };
  } catch {
    const problem = 'invalid request: expected one JSON-RPC 2.0 request, notification or response';
    return { problem, code: INVALID_REQUEST, id: requestIdOf(value) };
  }
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || typeof value === 'number';
}

/** Only something that meant to be a request has an id of ours to answer; a response carries our own. */
function requestIdOf(value: unknown): RequestId | null {
  if (typeof value !== 'object' || value === null || !('method' in value) || !('id' in value)) return null;
  return isRequestId(value.id) ? value.id : null;
}

const ID_LAST = /,\s*"id"\s*:\s*(\d{1,15}|"[^"\\]{1,200}")\s*\}\s*$/;
const ID_FIRST = /^\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d{1,15}|"[^"\\]{1,200}")\s*,/;

/** The id of a dropped request where it is the first or the last member, as clients write it. */
function requestIdAtEnds({ head, tail }: LongLine): RequestId | null {
  const text = ID_FIRST.exec(head)?.[1] ?? ID_LAST.exec(tail)?.[1];
  return text === undefined ? null : (JSON.parse(text) as RequestId);
}
