/**
 * Sessions of 2025-era MCP clients: such a client is asked (forms) and told (progress) within a session, so its server
 * stays in this process between two requests. What it does is in the store like everything else.
 * 1. A session is no identity: each request is authenticated, and one of somebody else finds no session.
 * 2. Bounded: the session that has been idle longest makes room for a new one; of a caller with many, one of its own.
 */
import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import {
  type AuthInfo,
  isInitializeRequest,
  type McpServerFactory,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { log } from '../engine/host/log.ts';
import type { HttpBounds } from './bounds.ts';
import { McpReplay } from './mcp-replay.ts';
import { rpcError } from './rpc-error.ts';
import { whenClosed } from './when-closed.ts';

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly clientId: string | undefined;
  /** Answers under way: calls, and the stream that the client holds open. */
  open: number;
  usedAtMs: number;
}

export interface SessionRequest {
  readonly parsedBody: unknown;
  readonly authInfo: AuthInfo | undefined;
  /** Closes when the answer has been sent or its client has left. */
  readonly answer: Writable;
}

const HEADER = 'mcp-session-id';

/** A client whose stream was cut waits so long before it asks for the rest. */
const RETRY_MS = 1_000;

export class McpSessions {
  readonly #factory: McpServerFactory;
  readonly #bounds: HttpBounds;
  readonly #now: () => number;
  readonly #sessions = new Map<string, Session>();
  readonly #replay: McpReplay;

  constructor(factory: McpServerFactory, bounds: HttpBounds, now: () => number) {
    this.#factory = factory;
    this.#bounds = bounds;
    this.#now = now;
    this.#replay = new McpReplay(bounds.replayBytesMax);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Answers one request of a 2025-era client. */
  async fetch(request: Request, { parsedBody, authInfo, answer }: SessionRequest): Promise<Response> {
    this.#forgetIdle();
    const options = { parsedBody, ...(authInfo && { authInfo }) };
    const id = request.headers.get(HEADER);
    if (id === null) return this.#begin(request, options);
    const session = this.#sessions.get(id);
    if (!session || session.clientId !== authInfo?.clientId)
      return rpcError(404, -32_001, 'Session not found');
    this.#follow(session, answer);
    return session.transport.handleRequest(request, options);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ transport }) => transport.close()));
    this.#sessions.clear();
  }

  async #begin(
    request: Request,
    options: { readonly parsedBody: unknown; readonly authInfo?: AuthInfo },
  ): Promise<Response> {
    if (request.method !== 'POST' || !isInitializeRequest(options.parsedBody))
      return rpcError(400, -32_000, 'Bad Request: Mcp-Session-Id header is required');
    if (!this.#makeRoom(options.authInfo?.clientId))
      return rpcError(503, -32_000, 'too many sessions are open');
    const { authInfo } = options;
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      keepAliveMs: this.#bounds.beatMs,
      eventStore: this.#replay.session(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => {
        const clientId = authInfo?.clientId;
        this.#sessions.set(id, { transport, clientId, open: 0, usedAtMs: this.#now() });
      },
      onsessionclosed: (id) => void this.#sessions.delete(id),
    });
    transport.onerror = (err) => log.debug({ err }, 'mcp session');
    const server = await this.#factory({
      era: 'legacy',
      requestInfo: request,
      ...(authInfo && { authInfo }),
    });
    await server.connect(transport);
    try {
      return await transport.handleRequest(request, options);
    } finally {
      // what began no session is asked for nothing any more, so it must follow nothing
      if (this.#sessions.get(transport.sessionId ?? '')?.transport !== transport) await transport.close();
    }
  }

  #follow(session: Session, answer: Writable): void {
    session.open += 1;
    whenClosed(answer, () => {
      session.open -= 1;
      session.usedAtMs = this.#now();
    });
  }

  /** Somebody who begins one after the other puts out his own, and not those of others. */
  #makeRoom(clientId: string | undefined): boolean {
    const { sessionsMax, sessionsEachMax } = this.#bounds;
    const all = [...this.#sessions];
    const own = clientId === undefined ? [] : all.filter(([, each]) => each.clientId === clientId);
    if (own.length >= sessionsEachMax) return this.#forgetOldest(own);
    return all.length < sessionsMax || this.#forgetOldest(all);
  }

  /** False where all of them are in use. */
  #forgetOldest(sessions: readonly (readonly [string, Session])[]): boolean {
    const idle = sessions.filter(([, { open }]) => open === 0);
    const [oldest] = idle.sort(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
    if (oldest) this.#forget(oldest[0]);
    return oldest !== undefined;
  }

  #forgetIdle(): void {
    const before = this.#now() - this.#bounds.sessionIdleMsMax;
    for (const [id, { open, usedAtMs }] of this.#sessions)
      if (open === 0 && usedAtMs < before) this.#forget(id);
  }

  #forget(id: string): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    void session?.transport.close();
  }
}
