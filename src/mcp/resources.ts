/**
 * MCP resources over a reader that the caller wires; this file knows neither runs nor workflows.
 */
import {
  type Icon,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
} from '@modelcontextprotocol/server';
import { log } from '../engine/host/log.ts';
import type { ResourceLink } from '../tools/tool.ts';
import { type BeforeListing, refuseCursor } from './prompts.ts';
import type { ResourceWatch } from './resource-watch.ts';

/** Subscriptions of one client of the 2025 era. */
const SUBSCRIPTIONS_MAX = 100;

interface ResourceTemplate {
  /** RFC 6570, e.g. `belay://runs/{run_id}`. */
  readonly uriTemplate: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  readonly icons?: Icon[];
}

/** One that is worth listing. */
export interface ListedResource extends ResourceLink {
  readonly title?: string;
  readonly description?: string;
  readonly icons?: Icon[];
  readonly _meta?: { readonly [name: string]: unknown };
}

/** What a reader may add to a resource: how long it stays as it is, and words for the host. */
interface ResourceTerms {
  readonly ttlMs?: number;
  readonly cacheScope?: 'public' | 'private';
  readonly _meta?: { readonly [name: string]: unknown };
}

export interface ResourceText extends ResourceTerms {
  readonly mimeType: string;
  readonly text: string;
  readonly blob?: never;
}

/** Bytes that are no text, as base64. */
export interface ResourceBytes extends ResourceTerms {
  readonly mimeType: string;
  readonly blob: string;
  readonly text?: never;
}

export interface ResourceReader {
  readonly templates: readonly ResourceTemplate[];
  /** What is worth listing (not everything that can be read). */
  list(): Promise<readonly ListedResource[]>;
  /** Undefined where the URI names nothing, also when it is malformed. */
  read(uri: string): Promise<ResourceText | ResourceBytes | undefined>;
}

/** Adds the three resource methods to a server that has declared the `resources` capability. */
export function serveResources(server: Server, reader: ResourceReader, listing: BeforeListing): void {
  server.setRequestHandler('resources/list', async ({ params }) => {
    refuseCursor(params?.cursor);
    await listing();
    return { resources: [...(await reader.list())] };
  });
  server.setRequestHandler('resources/templates/list', ({ params }) => {
    refuseCursor(params?.cursor);
    return { resourceTemplates: [...reader.templates] };
  });
  server.setRequestHandler('resources/read', async ({ params: { uri } }) => {
    const found = await reader.read(uri);
    if (found === undefined) throw new ResourceNotFoundError(uri, `resource \`${uri}\` is not known`);
    const { ttlMs, cacheScope, ...content } = found;
    const terms = { ...(ttlMs !== undefined && { ttlMs }), ...(cacheScope !== undefined && { cacheScope }) };
    return { contents: [{ uri, ...content }], ...terms };
  });
}

/**
 * Adds subscriptions for a client of the 2025 era, and tells it when the lists change; one of 2026-07-28 listens on a
 * stream that its transport serves.
 */
export function serveSubscriptions(server: Server, watch: ResourceWatch): void {
  const stops = new Map<string, () => void>();
  let isClosed = false;
  const delivered = (sent: Promise<void>) =>
    void sent.catch((err) => log.debug({ err }, 'an update was not delivered'));
  const stopLists = watch.library.follow(() => {
    delivered(server.sendResourceListChanged());
    if (server.getCapabilities().prompts) delivered(server.sendPromptListChanged());
  });
  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    if (stops.has(uri)) return {};
    const stop =
      stops.size < SUBSCRIPTIONS_MAX
        ? await watch.follow(uri, () => delivered(server.sendResourceUpdated({ uri })))
        : `${SUBSCRIPTIONS_MAX} resources are followed already`;
    if (typeof stop === 'string') throw new ProtocolError(ProtocolErrorCode.InvalidParams, stop);
    stops.get(uri)?.();
    stops.set(uri, stop);
    // nobody would stop it any more
    if (isClosed) stop();
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    stops.get(uri)?.();
    stops.delete(uri);
    return {};
  });
  server.onclose = () => {
    isClosed = true;
    stopLists();
    for (const stop of stops.values()) stop();
    stops.clear();
  };
}
