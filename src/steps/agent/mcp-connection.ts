/**
 * The connection of an agent step to one MCP server: opened before the model is told of its tools, kept between calls,
 * opened anew where the server has ended, closed with the step. What a tool is, and how it is called, is `steps/mcp`.
 * 1. A model is shown no definition that is not as pinned, and calls none that is not as it was shown.
 */
import { assert, err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_MCP_RESTARTS_MAX, AGENT_MCP_SILENT_MS_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { CallIo } from '../../engine/core/step-type.ts';
import { answerServer } from '../mcp/answer-server.ts';
import { admitTool, callTool, type FoundTool, listTools, toolAmong } from '../mcp/call-tool.ts';
import type { McpCall } from '../mcp/mcp-call.ts';
import { Session } from '../mcp/session.ts';
import { type Work, workOf } from '../mcp/work.ts';
import { serverGivenUp } from './agent-messages.ts';
import { approvalNote, isApproval } from './mcp-notes.ts';
import { mcpResult } from './mcp-result.ts';
import type { McpToolset } from './mcp-toolset.ts';
import type { ToolResult } from './model.ts';

export interface McpTerms {
  /** The directory of the run. */
  readonly cwd: string;
  /** Calls that may be made twice without harm. */
  readonly isRepeatable: boolean;
  /** Time that a person has to answer what is asked on the way. */
  readonly expiresMs?: number;
  /** What was noted before, of the whole step. */
  readonly past: readonly JsonObject[];
  readonly io: CallIo;
}

/** What a person has decided about the tool holds for the step: it is not as pinned, or was not let through. */
const ENDING: ReadonlySet<string> = new Set(['definition_changed', 'rejected', 'expired']);
/** The server has answered, or was not asked: the connection is as good as before. */
const ANSWERED: ReadonlySet<string> = new Set([
  ...['tool_error', 'tool_missing', 'arguments_invalid', 'schema_mismatch', 'mcp_refused'],
]);

interface Open {
  readonly session: Session;
  readonly work: Work;
}

export class McpConnection {
  readonly #toolset: McpToolset;
  readonly #terms: McpTerms;
  /** Definitions that a person has let through. */
  readonly #approvals: JsonObject[];
  /** Tool to the pin of the definition that the model was shown. */
  readonly #shown = new Map<string, string>();
  #open: Open | undefined;
  #restarts = 0;

  constructor(toolset: McpToolset, terms: McpTerms) {
    this.#toolset = toolset;
    this.#terms = terms;
    this.#approvals = terms.past.filter((note) => isApproval(note) && note.server === toolset.name);
  }

  /** Gives the tools as the model may be shown them, or why it may not. */
  async open(signal: AbortSignal): Promise<Result<readonly FoundTool[], Failure>> {
    const opened = await this.#connect(signal);
    if (!opened.ok) return opened;
    const { session, work } = opened.value;
    const listed = await listTools(session);
    if (!listed.ok) return listed;
    const tools: FoundTool[] = [];
    for (const name of this.#toolset.tools) {
      const found = toolAmong(session, listed.value, name);
      if (!found.ok) return found;
      const admitted = await admitTool(session, found.value, { ...work, call: this.#callOf(name) });
      if (!admitted.ok) return admitted;
      this.#shown.set(name, found.value.definition.pin);
      tools.push(found.value);
    }
    return ok(tools);
  }

  /** The failure ends the step. Rejects with the reason of the signal that it was opened with, or on a bug. */
  async use(name: string, given: JsonObject, signal: AbortSignal): Promise<Result<ToolResult, Failure>> {
    const opened = this.#open ? ok(this.#open) : await this.#reopen(signal);
    if (!opened.ok) return mcpResult({ ok: false, failure: opened.error }, ENDING);
    const { session, work } = opened.value;
    const call = this.#callOf(name, given);
    assert(call.target.kind === 'tool', 'models call tools');
    const outcome = await callTool(session, call.target, { ...work, call });
    if (!outcome.ok && !ANSWERED.has(outcome.failure.code)) await this.close();
    return mcpResult(outcome, ENDING);
  }

  /** Leaves no process and no connection. Never rejects. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.session.close();
  }

  async #reopen(signal: AbortSignal): Promise<Result<Open, Failure>> {
    this.#restarts += 1;
    if (this.#restarts > AGENT_MCP_RESTARTS_MAX)
      return err(serverGivenUp(this.#toolset.name, AGENT_MCP_RESTARTS_MAX));
    return this.#connect(signal);
  }

  async #connect(signal: AbortSignal): Promise<Result<Open, Failure>> {
    const work = this.#work(signal);
    const opened = await Session.open(work, (client, server) => answerServer(client, server, work));
    if (!opened.ok) return opened;
    const session = opened.value;
    work.log(
      `${this.#toolset.name}: ${session.label} speaks MCP ${session.client.getNegotiatedProtocolVersion()}\n`,
    );
    this.#open = { session, work };
    return ok(this.#open);
  }

  #work(signal: AbortSignal): Work {
    const { io } = this.#terms;
    const note = async (approval: Json) => {
      const noted = approvalNote(this.#toolset.name, approval as JsonObject);
      this.#approvals.push(noted);
      await io.note(noted);
    };
    return workOf(this.#callOf(''), { ...io, signal, note });
  }

  #callOf(tool: string, given: JsonObject = {}): McpCall {
    const { cwd, isRepeatable, expiresMs } = this.#terms;
    const { server, secrets, pins, asks, startMs } = this.#toolset;
    // a tool may be called like something that every object has
    const pinned = Object.hasOwn(pins, tool) ? pins[tool] : undefined;
    const expected = pinned ?? this.#shown.get(tool);
    return {
      server,
      secrets,
      startMs,
      cwd,
      target: { kind: 'tool', name: tool, arguments: given },
      ...(expected !== undefined && expected !== 'ask' && { pin: expected }),
      asks: pinned === 'ask' || (asks && pinned !== undefined),
      silentMs: AGENT_MCP_SILENT_MS_MAX,
      ...(expiresMs !== undefined && { expiresMs }),
      keepsLittle: true,
      repeatable: isRepeatable,
      notes: this.#approvals,
    };
  }
}
