/** One client over one connection that lasts, whichever protocol era it speaks: the server, and the streams it listens to. */
import type { McpServerFactory, Server, Transport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { log } from '../engine/host/log.ts';
import { ListeningTransport } from './listening/listening-transport.ts';
import { ResourceWatch } from './resource-watch.ts';
import { type McpServerOptions, mcpServerFactory } from './server.ts';
import { Tasks } from './tasks/tasks.ts';

/** Serves until the transport closes. */
export function serveConnection(
  transport: Transport,
  options: Omit<McpServerOptions, 'updates' | 'tasks'>,
): void {
  const watch = new ResourceWatch(options.open, options.leaving);
  const site = { ...options, tasks: new Tasks(options.home) };
  const factory = mcpServerFactory({ ...site, updates: { watch, listens: true } });
  let server: Server | undefined;
  const pinned: McpServerFactory = async (context) => {
    server = (await factory(context)) as Server;
    return server;
  };
  const listening = new ListeningTransport(transport, { ...site, watch, server: () => server });
  serveStdio(pinned, { transport: listening, onerror: (err) => log.debug({ err }, 'mcp connection') });
}
