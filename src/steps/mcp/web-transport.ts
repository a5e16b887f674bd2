/**
 * An MCP server that is spoken to over Streamable HTTP: the transport of the SDK, with a fetch of our own, that tells
 * when a request will never be answered because its stream has ended.
 */
import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  StreamableHTTPClientTransport,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/client';
import type { Failure } from '../../engine/core/failure.ts';
import { connectionLost } from '../http/http-messages.ts';
import { checkedFetch } from './checked-fetch.ts';
import { hearInOrder } from './hear-in-order.ts';
import type { WebServer } from './mcp-call.ts';
import type { Hearing } from './server-process.ts';

/** How long the server may take to hear that the session is over. */
const GOODBYE_MS = 1_000;

export class WebTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport['onmessage'];
  /** Streams of their own: the SDK cancels a request by ending its stream. */
  readonly hasPerRequestStream = true;
  /** Why the last exchange failed. */
  trouble: Failure | undefined;
  readonly #url: URL;
  readonly #isRepeatable: boolean;
  readonly #inner: StreamableHTTPClientTransport;
  /** The same, with types that tell what is left out from what is undefined. */
  readonly #way: Transport;
  readonly #open = new Set<string | number>();

  constructor(server: WebServer, isRepeatable: boolean, hearing: Hearing) {
    this.#url = new URL(server.url);
    this.#isRepeatable = isRepeatable;
    const note = (failure: Failure) => {
      this.trouble = failure;
    };
    this.#inner = new StreamableHTTPClientTransport(this.#url, {
      fetch: checkedFetch(server, isRepeatable, note),
      requestInit: { headers: { 'user-agent': 'belay', ...server.headers } },
    });
    this.#way = this.#inner as unknown as Transport;
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onmessage = (message: JSONRPCMessage) => {
      hearing.heard();
      if ('id' in message && message.id !== undefined && !isJSONRPCRequest(message))
        this.#open.delete(message.id);
      hearInOrder(message, () => this.onmessage?.(message));
    };
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion(version);
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    if (!isJSONRPCRequest(message)) return this.#way.send(message, options);
    const { id } = message;
    this.#open.add(id);
    const onRequestStreamEnd = () => {
      if (!this.#open.delete(id)) return;
      this.trouble = connectionLost(this.#url, 'the answer was cut off', this.#isRepeatable);
      void this.close();
    };
    return this.#way.send(message, { ...options, onRequestStreamEnd });
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** Says goodbye first; a server that does not hear it forgets the session by itself. */
  async leave(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GOODBYE_MS);
    });
    await Promise.race([this.#inner.terminateSession().catch(() => {}), patience]);
    clearTimeout(timer);
    await this.close();
  }
}
