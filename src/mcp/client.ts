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
import { VIEW_MIME_TYPE } from './view/view-mime-type.ts';

const NAME_CHARS_MAX = 80;

/** Where a transport puts the `Access` of a request, in the SDK's `authInfo.extra`. */
export const ACCESS = 'access';

/** Extensions that a client can declare. */
export const TASKS = 'io.modelcontextprotocol/tasks';
export const SKILLS = 'io.modelcontextprotocol/skills';
export const VIEWS = 'io.modelcontextprotocol/ui';

export type Era = 'legacy' | 'modern';

export interface Client {
  /** For the journal: `mcp:<client name>`. The name is the client's own word, so it is kept short and printable. */
  readonly caller: string;
  /** It has declared that it can show a form to a person, and may speak for one. */
  readonly showsForms: boolean;
  /** It has declared that it can send a person to an address; what is answered there is not its word. */
  readonly opensPages: boolean;
  /** It has declared that a call may be answered with a task. */
  readonly takesTasks: boolean;
  /** It has declared that it can show views of the MCP Apps extension. */
  readonly showsViews: boolean;
  /** Whom the transport has recognized; nobody where the pipe itself says who is at its end. */
  readonly access: Access | undefined;
}

export function clientOf(era: Era, server: Server, context: ServerContext): Client {
  const access = context.http?.authInfo?.extra?.[ACCESS] as Access | undefined;
  // The SDK has checked the envelope's values; its published type lost their names.
  if (era === 'modern') return clientOfMeta((context.mcpReq.envelope ?? {}) as Meta, access);
  const client = describedClient(server.getClientVersion(), server.getClientCapabilities(), access);
  return { ...client, takesTasks: false };
}

/** The `_meta` of a request of 2026-07-28. */
export type Meta = { readonly [key: string]: unknown };

/** Who sends a request of 2026-07-28. */
export const clientOfMeta = (meta: Meta, access: Access | undefined): Client =>
  describedClient(meta[CLIENT_INFO_META_KEY], meta[CLIENT_CAPABILITIES_META_KEY], access);

function describedClient(info: unknown, capabilities: unknown, access: Access | undefined): Client {
  const name = ((info as { name?: string } | undefined)?.name ?? '').replace(/[^\x20-\x7e]/g, '');
  const declared = capabilities as ClientCapabilities | undefined;
  const isTrusted = access === undefined || speaksForPerson(access);
  return {
    caller: access?.caller ?? `mcp:${name.slice(0, NAME_CHARS_MAX) || 'unknown'}`,
    showsForms: isTrusted && showsForms(declared),
    opensPages: declared?.elicitation?.url !== undefined,
    takesTasks: declared?.extensions?.[TASKS] !== undefined,
    showsViews: showsViews(declared?.extensions?.[VIEWS]),
    access,
  };
}

/** A host names the kinds of documents that it shows; one that names none shows the only kind there is. */
function showsViews(declared: unknown): boolean {
  if (typeof declared !== 'object' || declared === null) return false;
  const { mimeTypes } = declared as { mimeTypes?: unknown };
  return !Array.isArray(mimeTypes) || mimeTypes.includes(VIEW_MIME_TYPE);
}

/** An empty declaration means forms: the only kind there was when it was introduced. */
function showsForms(capabilities: ClientCapabilities | undefined): boolean {
  const elicitation = capabilities?.elicitation;
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}
