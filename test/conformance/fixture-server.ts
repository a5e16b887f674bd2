/**
 * The server that the conformance suite drives: the product's HTTP server as it is (checks of `Host` and `Origin`, bounds,
 * transports of both eras, call code, tasks) with the suite's fixtures in its catalogue, its readers and on its methods.
 */
import { join } from 'node:path';
import {
  acceptedContent,
  type GetPromptRequest,
  inputRequired,
  McpServer,
  type McpServerFactory,
  type Request,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { ok } from '../../src/engine/core/failure.ts';
import type { JsonObject } from '../../src/engine/core/model.ts';
import { serveHttp } from '../../src/http/serve-http.ts';
import { belayPrompts } from '../../src/mcp/belay-prompts.ts';
import { belayResources } from '../../src/mcp/belay-resources.ts';
import { clientOf } from '../../src/mcp/client.ts';
import { RequestStates } from '../../src/mcp/request-state.ts';
import { tasksNotDeclared } from '../../src/mcp/tasks/serve-tasks.ts';
import { tools } from '../../src/tools/catalogue.ts';
import { type Scratch, scratchBelay } from '../fixtures/scratch-belay.ts';
import { fixturePrompts, fixtureResources } from './fixture-readers.ts';
import { fixtureTools } from './fixture-tools.ts';
import { plainCalls } from './plain-calls.ts';
import { taskCalls } from './task-calls.ts';

export interface FixtureServer {
  /** Of the MCP endpoint. */
  readonly url: string;
  end(): Promise<void>;
}

export async function fixtureServer(): Promise<FixtureServer> {
  const scratch = scratchBelay();
  const home = join(scratch.folder, 'home');
  const open = async () => ok(scratch.belay);
  const states = new RequestStates(home);
  const served = await serveHttp({
    home,
    open,
    tools: [...fixtureTools, ...tools],
    resources: fixtureResources(belayResources(open)),
    prompts: fixturePrompts(belayPrompts(open)),
    version: '0.0.0',
    cwd: scratch.folder,
    host: '127.0.0.1',
    port: 0,
    extendMcp: (own) => withFixtures(own, { scratch, states, failing: new Set() }),
  });
  if (!served.ok) throw new Error(served.error.message);
  const server = served.value;
  return {
    url: `${server.url}/mcp`,
    async end() {
      server.close();
      server.close();
      await server.closed;
      scratch.close();
    },
  };
}

interface Site {
  readonly scratch: Scratch;
  readonly states: RequestStates;
  /** Tasks whose failure is a tool's error. */
  readonly failing: Set<string>;
}

const withFixtures =
  (own: McpServerFactory, site: Site): McpServerFactory =>
  async (context) => {
    const server = (await own(context)) as Server;
    // the newer protocol has no method to set a level: its clients send it along with the call
    if (context.era === 'legacy') server.registerCapabilities({ logging: {} });
    addTools(server, site);
    if (context.era === 'modern') addTasks(server, site);
    addPrompt(server);
    if (context.era === 'legacy') addSubscriptions(server);
    return withHeaders(server);
  };

type Handler = (request: Request, context: ServerContext) => Promise<never>;

/** The product's handler of a method: the SDK lets only its subclasses look it up. */
function handlerOf(server: Server, method: string): Handler {
  const handlers: Map<string, Handler> = Reflect.get(server, '_requestHandlers');
  const handler = handlers.get(method);
  if (!handler) throw new Error(`the product has no handler for ${method}`);
  return handler;
}

function addTools(server: Server, { states }: Site): void {
  const list = handlerOf(server, 'tools/list');
  const call = handlerOf(server, 'tools/call');
  server.setRequestHandler('tools/list', async (request, context) => {
    const listed: { tools: object[] } = await list(request, context);
    const more = [
      ...Object.entries(plainCalls).map(([name, { inputSchema }]) => listedTool(name, inputSchema)),
      ...Object.entries(taskCalls).map(([name, { properties }]) =>
        listedTool(name, { type: 'object', ...(properties && { properties }) }),
      ),
    ];
    return { ...listed, tools: [...more, HEADER_TOOL, ...listed.tools] } as never;
  });
  server.setRequestHandler('tools/call', (request, context) => {
    const { name } = request.params;
    if (name === HEADER_TOOL.name) return { content: [{ type: 'text', text: 'the headers are right' }] };
    const plain = Object.hasOwn(plainCalls, name) ? plainCalls[name] : undefined;
    return plain ? plain.answer(request.params, context, states) : call(request, context);
  });
}

const listedTool = (name: string, inputSchema: object = { type: 'object' }) => ({
  name,
  description: `fixture \`${name}\` of the conformance suite`,
  inputSchema,
});

/** Hands a tool that takes its time to the product as a workflow, and its answer back. */
function addTasks(server: Server, { scratch, failing }: Site): void {
  const call = handlerOf(server, 'tools/call');
  const get = handlerOf(server, 'tasks/get');
  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: given = {} } = request.params;
    const task = Object.hasOwn(taskCalls, name) ? taskCalls[name] : undefined;
    if (!task) return call(request, context);
    if (task.isRequired && !clientOf('modern', server, context).takesTasks) throw tasksNotDeclared();
    const definition = task.definition(given);
    const params = { ...request.params, name: 'workflow_execute', arguments: { definition } };
    const answer: { readonly taskId?: string } = await call({ ...request, params }, context);
    if (answer.taskId === undefined) return answer as never;
    if (task.isErrorOnFailure) failing.add(answer.taskId);
    await task.afterwards?.(scratch, answer.taskId.split('.')[0] ?? '');
    return answer as never;
  });
  server.setRequestHandler('tasks/get', { params: z.looseObject({}) }, async (params, context) => {
    const task: JsonObject = await get({ method: 'tasks/get', params }, context);
    const isError = failing.has(task.taskId as string);
    return task.status === 'completed' && isError
      ? { ...task, result: { ...(task.result as JsonObject), isError } }
      : task;
  });
}

/** The one prompt that has to ask before it can be written. */
function addPrompt(server: Server): void {
  const get = handlerOf(server, 'prompts/get');
  server.setRequestHandler('prompts/get', (request: GetPromptRequest, context) => {
    if (request.params.name !== 'test_input_required_result_prompt') return get(request, context);
    const schema = z.object({ context: z.string() });
    const given = acceptedContent(context.mcpReq.inputResponses, 'user_context', schema);
    if (given)
      return {
        messages: [{ role: 'user' as const, content: { type: 'text' as const, text: given.context } }],
      };
    const message = 'What context should the prompt use?';
    return inputRequired({
      inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema: schema }) },
    });
  });
}

/** Belay lets a client follow its runs; the suite follows a resource of its own. */
function addSubscriptions(server: Server): void {
  for (const method of ['resources/subscribe', 'resources/unsubscribe'] as const) {
    const own = handlerOf(server, method);
    server.setRequestHandler(method, (request, context) =>
      request.params.uri.startsWith('test://') ? {} : own(request, context),
    );
  }
}

const HEADER_TOOL = {
  name: 'test_custom_header',
  description: 'fixture: an argument that has to come in a header too',
  inputSchema: {
    type: 'object',
    properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
    required: ['region'],
  },
};

/** The SDK's mount compares headers with arguments for tools that it knows by its own registry; Belay's take none. */
function withHeaders(server: Server): McpServer {
  const shell = new McpServer({ name: 'shell', version: '0' });
  shell.registerTool(
    HEADER_TOOL.name,
    { inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }) },
    () => ({ content: [] }),
  );
  Object.defineProperty(shell, 'server', { value: server });
  return shell;
}
