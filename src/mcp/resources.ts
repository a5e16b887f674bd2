/**
 * MCP resources over a reader that the caller wires; this file knows neither runs nor workflows.
 */
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
} from '@modelcontextprotocol/server';
import { log } from '../engine/host/log.ts';
import type { ResourceLink } from '../tools/tool.ts';
import type { ResourceWatch } from './resource-watch.ts';

/** Subscriptions of one client of the 2025 era. */
const SUBSCRIPTIONS_MAX = 100;

interface ResourceTemplate {
  /** RFC 6570, e.g. `belay://runs/{run_id}`. */
  readonly uriTemplate: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
}

export interface ResourceText {
  readonly mimeType: string;
  readonly text: string;
  readonly blob?: never;
}

/** Bytes that are no text, as base64. */
export interface ResourceBytes {
  readonly mimeType: string;
  readonly blob: string;
  readonly text?: never;
}

export interface ResourceReader {
  readonly templates: readonly ResourceTemplate[];
  /** What is worth listing (not everything that can be read), one page. */
  list(
    cursor?: string,
  ): Promise<{ readonly resources: readonly ResourceLink[]; readonly nextCursor?: string }>;
  /** Undefined where the URI names nothing, also when it is malformed. */
  read(uri: string): Promise<ResourceText | ResourceBytes | undefined>;
}

/** Adds the three resource methods to a server that has declared the `resources` capability. */
export function serveResources(server: Server, reader: ResourceReader): void {
  server.setRequestHandler('resources/list', async ({ params }) => {
    const { resources, nextCursor } = await reader.list(params?.cursor);
    return { resources: [...resources], ...(nextCursor !== undefined && { nextCursor }) };
  });
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [...reader.templates] }));
  server.setRequestHandler('resources/read', async ({ params: { uri } }) => {
    const found = await reader.read(uri);
    if (found === undefined) throw new ResourceNotFoundError(uri, `resource \`${uri}\` is not known`);
    return { contents: [{ uri, ...found }] };
  });
}

/** Adds subscriptions for a client of the 2025 era; one of 2026-07-28 listens on a stream that its transport serves. */
export function serveSubscriptions(server: Server, watch: ResourceWatch): void {
  const stops = new Map<string, () => void>();
  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    if (stops.has(uri)) return {};
    const stop =
      stops.size < SUBSCRIPTIONS_MAX
        ? await watch.follow(uri, () => {
            server
              .sendResourceUpdated({ uri })
              .catch((err) => log.debug({ err }, 'an update was not delivered'));
          })
        : `${SUBSCRIPTIONS_MAX} resources are followed already`;
    if (typeof stop === 'string') throw new ProtocolError(ProtocolErrorCode.InvalidParams, stop);
    stops.get(uri)?.();
    stops.set(uri, stop);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    stops.get(uri)?.();
    stops.delete(uri);
    return {};
  });
  server.onclose = () => {
    for (const stop of stops.values()) stop();
    stops.clear();
  };
}
