/**
 * MCP over Streamable HTTP: one server definition for both protocol eras. A 2026-07-28 request stands alone, and any
 * process on the same data folder can answer it; 2025-era clients get a session.
 */
import type { Writable } from 'node:stream';
import {
  type AuthInfo,
  createMcpHandler,
  isJsonContentType,
  isLegacyRequest,
  type McpServerFactory,
  ProtocolErrorCode,
  readRequestBody,
} from '@modelcontextprotocol/server';
import { log } from '../engine/host/log.ts';
import { ACCESS } from '../mcp/client.ts';
import { HttpListening, type HttpListeningOptions } from '../mcp/listening/http-listening.ts';
import type { Access } from '../tools/access.ts';
import { BODY_DEPTH_MAX, type HttpBounds } from './bounds.ts';
import { isDeeper } from './json-body.ts';
import { McpSessions } from './mcp-sessions.ts';
import { rpcError } from './rpc-error.ts';

export interface McpEndpoint {
  readonly sessions: number;
  fetch(request: Request, answer: Writable, access: Access | undefined): Promise<Response>;
  /** Ends streams and sessions. */
  close(): Promise<void>;
}

export function mcpEndpoint(
  factory: McpServerFactory,
  site: HttpListeningOptions,
  { bounds, now }: { readonly bounds: HttpBounds; readonly now: () => number },
): McpEndpoint {
  const modern = createMcpHandler(factory, {
    legacy: 'reject',
    onerror: (err) => log.debug({ err }, 'mcp request'),
    keepAliveMs: bounds.beatMs,
    maxSubscriptions: bounds.streamsMax,
  });
  const sessions = new McpSessions(factory, bounds, now);
  const listening = new HttpListening(modern, site);
  return {
    get sessions() {
      return sessions.size;
    },
    async fetch(request, answer, access) {
      const authInfo = access && authInfoOf(access);
      if (request.method !== 'POST')
        return sessions.fetch(request, { parsedBody: undefined, authInfo, answer });
      const body = await readMessage(request, bounds.bodyBytesMax);
      if (body instanceof Response) return body;
      const { message } = body;
      if (await isLegacyRequest(request, message))
        return sessions.fetch(request, { parsedBody: message, authInfo, answer });
      return listening.fetch({ request, message, answer, authInfo, access });
    },
    async close() {
      await Promise.all([modern.close(), sessions.close()]);
    },
  };
}

/** The SDK only passes it on; who the caller is was settled before. The key itself goes no further. */
const authInfoOf = (access: Access): AuthInfo => ({
  token: '',
  clientId: access.caller,
  scopes: [...access.roles],
  extra: { [ACCESS]: access },
});

async function readMessage(
  request: Request,
  bytesMax: number,
): Promise<{ readonly message: unknown } | Response> {
  if (!isJsonContentType(request.headers.get('content-type')))
    return rpcError(415, -32_000, 'Unsupported Media Type: Content-Type must be application/json');
  const body = await readRequestBody(request, bytesMax);
  if (body.tooLarge) return rpcError(413, -32_000, `Request body exceeds ${bytesMax} bytes`);
  let message: unknown;
  try {
    message = JSON.parse(body.text);
  } catch {
    return rpcError(400, ProtocolErrorCode.ParseError, 'Parse error');
  }
  // both revisions that have no batches say so; a client of an older one does without
  if (Array.isArray(message))
    return rpcError(400, ProtocolErrorCode.InvalidRequest, 'Batches are not supported');
  if (isDeeper(message, BODY_DEPTH_MAX))
    return rpcError(400, ProtocolErrorCode.InvalidRequest, `Nested deeper than ${BODY_DEPTH_MAX} levels`);
  return { message };
}
