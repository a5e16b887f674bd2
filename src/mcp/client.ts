/**
 * Who is calling: a 2026-07-28 client says it with every request, a 2025-era client said it once at `initialize`.
 * A transport that knows its callers says with every request whom it has recognized, and that counts.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { type Access, speaksForPerson } from '../tools/access.ts';

const NAME_CHARS_MAX = 80;

/** Where a transport puts the `Access` of a request, in the SDK's `authInfo.extra`. */
export const ACCESS = 'access';

export type Era = 'legacy' | 'modern';

export interface Client {
  /** For the journal: `mcp:<client name>`. The name is the client's own word, so it is kept short and printable. */
  readonly caller: string;
  /** It has declared that it can show a form to a person, and may speak for one. */
  readonly showsForms: boolean;
  /** Whom the transport has recognized; nobody where the pipe itself says who is at its end. */
  readonly access: Access | undefined;
}

export function clientOf(era: Era, server: Server, context: ServerContext): Client {
  // The SDK has checked the envelope's values; its published type lost their names.
  const envelope = (context.mcpReq.envelope ?? {}) as { readonly [key: string]: unknown };
  const modern = era === 'modern';
  const info = modern ? envelope[CLIENT_INFO_META_KEY] : server.getClientVersion();
  const capabilities = modern ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities();
  const name = ((info as { name?: string } | undefined)?.name ?? '').replace(/[^\x20-\x7e]/g, '');
  const access = context.http?.authInfo?.extra?.[ACCESS] as Access | undefined;
  const isTrusted = access === undefined || speaksForPerson(access);
  return {
    caller: access?.caller ?? `mcp:${name.slice(0, NAME_CHARS_MAX) || 'unknown'}`,
    showsForms: isTrusted && showsForms(capabilities as ClientCapabilities | undefined),
    access,
  };
}

/** An empty declaration means forms: the only kind there was when it was introduced. */
function showsForms(capabilities: ClientCapabilities | undefined): boolean {
  const elicitation = capabilities?.elicitation;
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}
