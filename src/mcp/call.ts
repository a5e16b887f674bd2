/**
 * One tools/call from its request to its answer: parse, run, ask and resume as often as the tool wants, answer.
 * Only what the protocol itself forbids is a protocol error; everything else is a tool result.
 * 1. `human` is true only in a `resume` that follows a form which somebody sent or declined; what is answered on a page
 *    never makes it so.
 * 2. A bug in a tool is logged with an id and answered with that id, never with a stack.
 */
import { randomUUID } from 'node:crypto';
import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { JsonObject } from '../engine/core/model.ts';
import { log } from '../engine/host/log.ts';
import { refusedCall } from '../tools/access.ts';
import type { Belay, OpenBelay } from '../tools/belay.ts';
import { nearestText } from '../tools/nearest-text.ts';
import { parseArguments } from '../tools/parse-arguments.ts';
import { thrownProblem } from '../tools/storage-problem.ts';
import type { Tool, ToolAnswer, ToolContext, ToolResult } from '../tools/tool.ts';
import { callResult } from './answer.ts';
import { elicit, type FormResponses, formRequests, isAnswered, returnedResponses } from './ask.ts';
import { type Client, clientOf, type Era } from './client.ts';
import {
  openPages,
  pageRequests,
  type QuestionUrl,
  returnedPages,
  type Ways,
  waysToAsk,
} from './page-asks.ts';
import { ProgressReporter } from './progress.ts';
import type { RequestStates } from './request-state.ts';
import { type CreatedLegacyTask, createdLegacyTask, noLegacyTask } from './tasks/serve-legacy-tasks.ts';
import type { CreatedTask, Tasks } from './tasks/tasks.ts';
import { answerMeta } from './view/view-meta.ts';

/** A name goes into the error message; no real one is longer. */
const TOOL_NAME_CHARS_MAX = 64;

/** What every call of one connection has in common. */
export interface CallSite {
  readonly open: OpenBelay;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly cwd: string;
  readonly requestStates: RequestStates;
  readonly tasks: Tasks;
  readonly questionUrl: QuestionUrl | undefined;
  /** Fires when the client has left: waiting ends, runs go on. */
  readonly leaving: AbortSignal;
  readonly server: Server;
  readonly era: Era;
}

type CallAnswer = CallToolResult | InputRequiredResult | CreatedTask | CreatedLegacyTask;

/** One call under way. */
interface Call {
  readonly site: CallSite;
  readonly belay: Belay;
  readonly client: Client;
  readonly tool: Tool;
  /** The arguments as the client sent them. */
  readonly given: JsonObject;
  readonly input: Parameters<Tool['run']>[1];
  /** It is answered with a task, which does the waiting. */
  readonly asTask: boolean;
  readonly mcp: ServerContext;
  readonly signal: AbortSignal;
  readonly progress: ProgressReporter | undefined;
}

/** Answers one call. Rejects with a `ProtocolError` for an unknown tool or a `requestState` that is not ours. */
export async function callTool(
  site: CallSite,
  request: CallToolRequest,
  mcp: ServerContext,
): Promise<CallAnswer> {
  const { name } = request.params;
  const tool = site.tools.get(name);
  if (tool === undefined) throw unknownTool(name, [...site.tools.keys()]);
  const given = (request.params.arguments ?? {}) as JsonObject;
  const mustTask = asksForTask(site, request);
  const refuse = (result: ToolResult): CallAnswer =>
    mustTask ? createdLegacyTask(undefined, result) : callResult(result);
  const parsed = parseArguments(tool, given);
  if (!parsed.ok) return refuse({ kind: 'error', error: parsed.error });
  const client = clientOf(site.era, site.server, mcp);
  const refused = client.access && refusedCall(client.access, name, given);
  if (refused) return refuse(refused);
  const asTask = (mustTask || client.takesTasks) && site.tasks.isFor(name, parsed.value);
  if (mustTask && !asTask) throw noLegacyTask(name);
  const signal = AbortSignal.any([mcp.mcpReq.signal, site.leaving]);
  const progress = progressOf(mcp);
  try {
    const opened = await site.open();
    if (!opened.ok) return refuse({ kind: 'error', error: { ...opened.error } });
    return await converse({
      site,
      belay: opened.value,
      client,
      tool,
      given,
      input: asTask ? { ...parsed.value, wait_seconds: 0 } : parsed.value,
      asTask,
      mcp,
      signal,
      progress,
    });
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    return callResult(signal.aborted ? waitEnded(tool, error) : brokenTool(tool, error));
  } finally {
    progress?.finish();
  }
}

/** A client of 2025-11-25 says in the call that it wants a task; one of 2026-07-28 takes what it gets. */
const asksForTask = ({ era }: CallSite, { params }: CallToolRequest): boolean =>
  era === 'legacy' && (params as { readonly task?: unknown }).task !== undefined;

/** Tool and client take turns until the tool has an answer or the client must bring one. */
async function converse(call: Call): Promise<CallAnswer> {
  let answer = await begin(call);
  while (answer.kind === 'ask') {
    const ways = waysToAsk(answer.asks, call.client, call.site.questionUrl);
    if (ways === undefined) return settle(call, answer.otherwise);
    if (call.site.era === 'modern') return sendAsks(call, answer, ways);
    const responses = await elicit(ways.forms, call.mcp, call.signal);
    if (responses === undefined) return settle(call, answer.otherwise);
    const pages = await openPages(ways.pages, call);
    answer = await resume(call, answer.state, { ...responses, ...pages });
  }
  return settle(call, answer);
}

/** What the call has come to: a task that goes on, or an answer. */
function settle(call: Call, answer: ToolResult): CallAnswer {
  const { asTask, belay, client, site, tool } = call;
  const answered = callResult(answer, answerMeta(client, tool.name));
  if (!asTask) return answered;
  const caller = { belay, client, context: contextOf(call, false) };
  const isLegacy = site.era === 'legacy';
  const created = site.tasks.create(caller, tool.name, answer, isLegacy);
  return isLegacy ? createdLegacyTask(created, answer) : (created ?? answered);
}

/** A first call runs the tool; one that brings a sealed state back goes on where the tool asked. */
async function begin(call: Call): Promise<ToolAnswer> {
  const { era, requestStates } = call.site;
  const sealed = era === 'modern' ? call.mcp.mcpReq.requestState<string>() : undefined;
  const { showsForms, opensPages } = call.client;
  if (sealed === undefined || !(showsForms || opensPages)) {
    return call.tool.run(contextOf(call, false), call.input);
  }
  const { state, asks, pages = [] } = await requestStates.unseal(sealed, identityOf(call), call.mcp);
  // forms were for a client that shows some: another one has nothing to say about them
  if (asks.length > 0 && !showsForms) return call.tool.run(contextOf(call, false), call.input);
  const responses = returnedResponses(asks, call.mcp);
  return resume(call, state, { ...responses, ...(await returnedPages(pages, call)) });
}

function resume(call: Call, state: JsonObject, responses: FormResponses): Promise<ToolAnswer> {
  const { tool, input } = call;
  if (tool.resume === undefined) throw new Error(`\`${tool.name}\` asks but cannot resume`);
  return tool.resume(contextOf(call, isAnswered(responses)), input, state, responses);
}

async function sendAsks(
  call: Call,
  answer: Extract<ToolAnswer, { kind: 'ask' }>,
  { forms, pages }: Ways,
): Promise<CallAnswer> {
  const asks = forms.map((ask) => ask.id);
  const awaited = pages.map(({ id, runId }) => ({ id, runId }));
  const form = { asks, ...(awaited.length > 0 && { pages: awaited }), state: answer.state };
  let sealed: string;
  try {
    sealed = await call.site.requestStates.seal(identityOf(call), form, call.mcp);
  } catch (err) {
    log.error({ err, tool: call.tool.name }, 'questions cannot be sent');
    return callResult(answer.otherwise);
  }
  const inputRequests = { ...formRequests(forms), ...pageRequests(pages) };
  return inputRequired({ inputRequests, requestState: sealed });
}

function identityOf({ tool, given, client }: Call) {
  return { tool: tool.name, arguments: given, caller: client.access?.caller };
}

function contextOf({ site, belay, client, signal, progress, mcp }: Call, human: boolean): ToolContext {
  const { traceparent } = (mcp.mcpReq._meta ?? {}) as { readonly traceparent?: unknown };
  return {
    ...(typeof traceparent === 'string' && { trace: traceparent }),
    belay,
    cwd: site.cwd,
    signal,
    human,
    canAsk: client.showsForms,
    caller: client.caller,
    ...(client.access && { roles: client.access.roles }),
    progress: (done, total, message) => progress?.report(done, total, message),
  };
}

function progressOf(mcp: ServerContext): ProgressReporter | undefined {
  const progressToken = mcp.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return new ProgressReporter((update) => {
    // The client has forgotten the token of a call that it cancelled.
    if (mcp.mcpReq.signal.aborted) return;
    const params = { progressToken, ...update };
    mcp.mcpReq
      .notify({ method: 'notifications/progress', params })
      .catch((err) => log.debug({ err }, 'progress was not delivered'));
  });
}

function unknownTool(name: string, known: readonly string[]): ProtocolError {
  const shown = name.slice(0, TOOL_NAME_CHARS_MAX);
  const message = `tool \`${shown}\` is not known; ${nearestText(shown, known)}`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

function waitEnded(tool: Tool, err: unknown): ToolResult {
  log.debug({ err, tool: tool.name }, 'a wait was ended');
  return {
    kind: 'error',
    error: { code: 'cancelled', message: `\`${tool.name}\` was no longer waited for` },
  };
}

/** Storage that refuses is the world's answer; anything else that is thrown is a bug. */
function brokenTool(tool: Tool, error: unknown): ToolResult {
  const problem = thrownProblem(error);
  return problem ? { kind: 'error', error: problem } : internalError(tool, error);
}

function internalError(tool: Tool, error: unknown): ToolResult {
  const id = randomUUID();
  log.error({ err: error, id, tool: tool.name }, 'a tool broke');
  return {
    kind: 'error',
    error: {
      code: 'internal',
      message: `\`${tool.name}\` failed unexpectedly (error ${id})`,
      hint: 'this is a bug in Belay; its log on stderr has the details under that id',
      data: { id },
    },
  };
}
