/**
 * The MCP server over a tool catalogue, for any transport and for clients of both protocol eras.
 * The SDK calls the factory for each connection (and once more for a probe), so everything that is the same for
 * all of them is made once and outside: no state of one client reaches another.
 */
import { type McpServerFactory, Server, type ServerCapabilities } from '@modelcontextprotocol/server';
import { log } from '../engine/host/log.ts';
import type { OpenBelay } from '../tools/belay.ts';
import type { Tool } from '../tools/tool.ts';
import { listTools } from './answer.ts';
import { callTool } from './call.ts';
import { type PromptReader, servePrompts } from './prompts.ts';
import { RequestStates } from './request-state.ts';
import type { ResourceWatch } from './resource-watch.ts';
import { type ResourceReader, serveResources, serveSubscriptions } from './resources.ts';

/** The catalogue is fixed while the process lives; an upgrade shows within the hour. */
const TOOLS_TTL_MS = 3_600_000;

const INSTRUCTIONS = `Belay runs command workflows that are durable, checkpointed and reversible. Use it instead of a plain shell for work of several steps that must finish, must not repeat, or may have to be undone.

Order: workflow_list finds a workflow; workflow_validate checks one you wrote; workflow_execute with dry_run shows the plan, without it starts the run and waits a little; workflow_status with wait_seconds follows it; workflow_resume goes on after a failure, pause or interruption; workflow_cancel stops it; workflow_rollback takes it back (look first with dry_run). A run goes on when you stop waiting, and also when this connection ends.

A run that is "waiting" has open questions. Those asked of an agent are yours to answer with workflow_answer. Those asked of a human are not: only the person can answer them, in the form their client shows or with \`belay answer\` in a terminal. Tell them and wait.

Every answer names the useful next calls in \`next\`; every error has a code, a message and a hint.`;

interface McpServerOptions {
  /** The data directory, for the key that signs what leaves this process. */
  readonly home: string;
  /** Called with the first tool call or resource: listing tools needs no data directory. */
  readonly open: OpenBelay;
  readonly tools: readonly Tool[];
  readonly resources?: ResourceReader;
  readonly prompts?: PromptReader;
  /** For subscriptions to resources; `listens`: the transport serves the streams of 2026-07-28 from it. */
  readonly updates?: { readonly watch: ResourceWatch; readonly listens: boolean };
  readonly version: string;
  readonly cwd: string;
  /** Fires when the clients of this factory are leaving: open calls stop waiting and answer. */
  readonly leaving: AbortSignal;
}

/** For `serveStdio` and `createMcpHandler` alike. */
export function mcpServerFactory(options: McpServerOptions): McpServerFactory {
  const { cwd, home, leaving, open, prompts, resources, updates, version } = options;
  const tools = new Map<string, Tool>(options.tools.map((tool) => [tool.name, tool]));
  const requestStates = new RequestStates(home);
  let listed: ReturnType<typeof listTools> | undefined;
  return ({ era }) => {
    const subscribe = updates !== undefined && (era === 'legacy' || updates.listens);
    const server = new Server(
      { name: 'belay', title: 'Belay', version },
      {
        capabilities: capabilitiesOf(options, subscribe),
        instructions: INSTRUCTIONS,
        cacheHints: { 'tools/list': { ttlMs: TOOLS_TTL_MS, cacheScope: 'public' } },
      },
    );
    server.onerror = (err) => log.debug({ err }, 'mcp server');
    server.setRequestHandler('tools/list', () => {
      listed ??= listTools(options.tools);
      return { tools: listed };
    });
    const site = { open, tools, cwd, requestStates, leaving, server, era };
    server.setRequestHandler('tools/call', (request, context) => callTool(site, request, context));
    if (resources !== undefined) serveResources(server, resources);
    if (prompts !== undefined) servePrompts(server, prompts);
    if (resources !== undefined && updates && era === 'legacy') serveSubscriptions(server, updates.watch);
    return server;
  };
}

const capabilitiesOf = (
  { prompts, resources }: McpServerOptions,
  subscribe: boolean,
): ServerCapabilities => ({
  tools: {},
  ...(resources !== undefined && { resources: { ...(subscribe && { subscribe }) } }),
  ...(prompts !== undefined && { prompts: {}, completions: {} }),
});
