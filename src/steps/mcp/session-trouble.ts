/** Why a connection was not made, or a request to it came to nothing: errors of the SDK as failures of a step. */
import { InsufficientScopeError, ProtocolError, SdkError, SdkHttpError } from '@modelcontextprotocol/client';
import type { Failure } from '../../engine/core/failure.ts';
import type { McpCall } from './mcp-call.ts';
import {
  authRefused,
  notMcp,
  quoted,
  refusedByServer,
  serverExited,
  silent,
  startFailed,
  statusRefused,
} from './mcp-messages.ts';
import type { ServerProcess } from './server-process.ts';
import { WebTransport } from './web-transport.ts';

type AnyTransport = ServerProcess | WebTransport;

/** Codes of the SDK for a connection that is no more. */
const CLOSED: ReadonlySet<string> = new Set(['CONNECTION_CLOSED', 'NOT_CONNECTED', 'SEND_FAILED']);

const isClosed = (error: unknown): boolean => error instanceof SdkError && CLOSED.has(error.code);

const textOf = (error: unknown): string => quoted(error instanceof Error ? error.message : String(error));

/** Nothing was called yet. */
export function startFailure(label: string, transport: AnyTransport, error: unknown): Failure {
  if (transport instanceof WebTransport) {
    const failure = webFailure(label, transport, error, true);
    return failure.code === 'server_exited' ? startFailed(label, 'the connection was closed') : failure;
  }
  if (transport.trouble) return transport.trouble;
  const { noise, hasSpoken, ended } = transport;
  if (hasSpoken) return notMcp(label, textOf(error));
  return noise === undefined
    ? startFailed(label, ended ?? textOf(error))
    : notMcp(label, `it printed \`${noise}\``);
}

interface Request {
  readonly error: unknown;
  readonly call: McpCall;
  readonly isSilent: boolean;
}

/** A process that has ended is waited for, so that it can be told how. */
export async function requestFailure(
  label: string,
  transport: AnyTransport,
  { error, call, isSilent }: Request,
): Promise<Failure> {
  const { repeatable, silentMs = 0 } = call;
  if (isSilent) return silent(label, silentMs, repeatable);
  if (transport instanceof WebTransport) return webFailure(label, transport, error, repeatable);
  if (error instanceof ProtocolError) return refusedByServer(label, error.code, error.message);
  if (transport.trouble) return transport.trouble;
  if (!isClosed(error)) return notMcp(label, textOf(error));
  await transport.close();
  return serverExited(label, transport.ended ?? 'it closed its output', repeatable);
}

function webFailure(
  label: string,
  { trouble }: WebTransport,
  error: unknown,
  isRepeatable: boolean,
): Failure {
  if (error instanceof ProtocolError) return refusedByServer(label, error.code, error.message);
  if (error instanceof InsufficientScopeError) return authRefused(label, 403);
  if (error instanceof SdkHttpError) {
    const { status } = error;
    return status === 401 || status === 403 ? authRefused(label, status) : statusRefused(label, status);
  }
  if (trouble) return trouble;
  if (isClosed(error)) return serverExited(label, 'the connection was closed', isRepeatable);
  return notMcp(label, textOf(error));
}
