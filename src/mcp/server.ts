/**
 * The MCP server over a tool catalogue, for any transport and for clients of both protocol eras.
 * The SDK calls the factory for each connection (and once more for a probe), so everything that is the same for
 * all of them is made once and outside: no state of one client reaches another.
 */
import type { CallToolResult, McpServerFactory, ServerCapabilities } from '@modelcontextprotocol/server';
import { log } from '../engine/host/log.ts';
import type { OpenBelay } from '../tools/belay.ts';
import type { Tool } from '../tools/tool.ts';
import { listTools } from './answer.ts';
import { callTool } from './call.ts';
import { clientOf, type Era, SKILLS, TASKS, VIEWS } from './client.ts';
import { icons } from './icons.ts';
import type { QuestionUrl } from './page-asks.ts';
import { type PromptReader, servePrompts } from './prompts.ts';
import { RequestStates } from './request-state.ts';
import type { ResourceWatch } from './resource-watch.ts';
import { type ResourceReader, serveResources, serveSubscriptions } from './resources.ts';
import { SKILLS_TERMS, serveSkills } from './skills/serve-skills.ts';
import { LEGACY_TASKS, serveLegacyTasks } from './tasks/serve-legacy-tasks.ts';
import { serveTasks } from './tasks/serve-tasks.ts';
import { TaskServer } from './tasks/task-server.ts';
import { TASK_TOOLS, Tasks } from './tasks/tasks.ts';

/** What is fixed while the process lives; an upgrade shows within the hour. */
const FIXED = { ttlMs: 3_600_000, cacheScope: 'public' } as const;
/** Made of the workflows on disk; who listens is told of a change sooner. */
const OF_WORKFLOWS = { ttlMs: 60_000, cacheScope: 'private' } as const;

const CACHE_HINTS = {
  'server/discover': FIXED,
  'tools/list': FIXED,
  'resources/templates/list': FIXED,
  'resources/list': OF_WORKFLOWS,
  'prompts/list': OF_WORKFLOWS,
} as const;

const ICONS = icons('belay');

const INSTRUCTIONS = `Belay runs command workflows that are durable, checkpointed and reversible. Use it instead of a plain shell for work of several steps that must finish, must not repeat, or may have to be undone.

Order: workflow_suggest finds what fits a goal in words, with its inputs filled in, and the next command; workflow_list lists all; workflow_validate checks one you wrote; workflow_execute with dry_run shows the plan, without it starts the run and waits a little; workflow_status with wait_seconds follows it; workflow_resume goes on after a failure, pause or interruption; workflow_cancel stops it; workflow_rollback takes it back (look first with dry_run). workflow_create saves what proved itself, workflow_analytics says how runs went. A run goes on when you stop waiting, and also when this connection ends.

A run that is "waiting" has open questions. Those asked of an agent are yours to answer with workflow_answer. Those asked of a human are not: only the person can answer them, in the form their client shows or with \`belay answer\` in a terminal. Tell them and wait.

Every answer names the useful next calls in \`next\`; every error has a code, a message and a hint.`;

export interface McpServerOptions {
  /** The data directory, for the key that signs what leaves this process. */
  readonly home: string;
  /** Called with the first tool call or resource: listing tools needs no data directory. */
  readonly open: OpenBelay;
  readonly tools: readonly Tool[];
  readonly resources?: ResourceReader;
  readonly prompts?: PromptReader;
  /** Absent: nobody is told of changes. `listens`: the transport serves the streams of 2026-07-28. */
  readonly updates?: { readonly watch: ResourceWatch; readonly listens: boolean };
  /** Shared with whoever serves the streams. */
  readonly tasks?: Tasks;
  /** Where a question is answered in a browser. Absent: this server has no such page. */
  readonly questionUrl?: QuestionUrl;
  readonly version: string;
  readonly cwd: string;
  /** Fires when the clients of this factory are leaving: open calls stop waiting and answer. */
  readonly leaving: AbortSignal;
}

/** For `serveStdio` and `createMcpHandler` alike. */
export function mcpServerFactory(options: McpServerOptions): McpServerFactory {
  const { cwd, home, leaving, open, prompts, questionUrl, resources, updates, version } = options;
  const { tasks = new Tasks(home) } = options;
  const tools = new Map<string, Tool>(options.tools.map((tool) => [tool.name, tool]));
  const requestStates = new RequestStates(home);
  const listed = new Map<string, ReturnType<typeof listTools>>();
  return ({ era }) => {
    const asTasks = era === 'legacy' ? TASK_TOOLS : undefined;
    const server = new TaskServer(
      { name: 'belay', title: 'Belay', version, icons: ICONS },
      {
        capabilities: capabilitiesOf(options, era),
        instructions: INSTRUCTIONS,
        cacheHints: CACHE_HINTS,
      },
    );
    server.onerror = (err) => log.debug({ err }, 'mcp server');
    server.setRequestHandler('tools/list', (_request, context) => {
      const { showsViews } = clientOf(era, server, context);
      const key = `${era} ${showsViews}`;
      const found = listed.get(key) ?? listTools(options.tools, showsViews, asTasks);
      listed.set(key, found);
      return { tools: found, ...(showsViews && { cacheScope: 'private' }) };
    });
    const site = { open, tools, cwd, requestStates, tasks, questionUrl, leaving, server, era };
    // a task is an answer that the SDK's type does not know; `TaskServer` lets it through
    server.setRequestHandler(
      'tools/call',
      (request, context) => callTool(site, request, context) as Promise<CallToolResult>,
    );
    (era === 'modern' ? serveTasks : serveLegacyTasks)(server, { open, cwd, leaving, tasks });
    const listing = () => updates?.watch.library.note();
    if (resources !== undefined) {
      serveResources(server, resources, listing);
      serveSkills(server, open, listing);
    }
    if (prompts !== undefined) servePrompts(server, prompts, listing);
    if (resources !== undefined && updates && era === 'legacy') serveSubscriptions(server, updates.watch);
    return server;
  };
}

/** A server of the 2025 era tells what changes itself; in 2026-07-28 the transport does, where it can. */
function capabilitiesOf({ prompts, resources, updates }: McpServerOptions, era: Era): ServerCapabilities {
  const tells = updates !== undefined && (era === 'legacy' || updates.listens);
  const listChanged = tells && { listChanged: true };
  return {
    tools: {},
    ...(resources !== undefined && { resources: { ...(tells && { subscribe: true }), ...listChanged } }),
    ...(prompts !== undefined && { prompts: { ...listChanged }, completions: {} }),
    ...(era === 'legacy' && { tasks: LEGACY_TASKS }),
    extensions: {
      ...(era === 'modern' && { [TASKS]: {} }),
      ...(resources !== undefined && { [SKILLS]: SKILLS_TERMS, [VIEWS]: {} }),
    },
  };
}
