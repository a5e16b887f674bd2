/**
 * The tools of MCP servers that an agent step gives its model: all servers of the step together. Owns how many calls are
 * made and how much the model is told of the tools; a single server is in `mcp-connection.ts`.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_MCP_DEFINITIONS_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { FoundTool } from '../mcp/call-tool.ts';
import { visible } from '../mcp/mcp-messages.ts';
import { definitionsTooLarge } from './agent-messages.ts';
import { McpConnection, type McpTerms } from './mcp-connection.ts';
import { callsMade } from './mcp-notes.ts';
import { modelName } from './mcp-tools-field.ts';
import type { McpToolset } from './mcp-toolset.ts';
import { type ForeignTool, refusal } from './toolbox.ts';

interface Server {
  readonly toolset: McpToolset;
  readonly connection: McpConnection;
  calls: number;
}

export class McpTools {
  readonly #servers: readonly Server[];
  readonly #isRepeatable: boolean;
  #tools: readonly ForeignTool[] | undefined;

  constructor(toolsets: readonly McpToolset[], terms: McpTerms) {
    const made = callsMade(terms.past);
    this.#isRepeatable = terms.isRepeatable;
    this.#servers = toolsets.map((toolset) => ({
      toolset,
      connection: new McpConnection(toolset, terms),
      calls: made.filter((name) => toolset.tools.some((tool) => modelName(toolset.name, tool) === name))
        .length,
    }));
  }

  /** All tools of all servers, or why one of them is not to be had. Rejects with the reason of the signal. */
  async open(signal: AbortSignal): Promise<Result<readonly ForeignTool[], Failure>> {
    if (this.#tools) return ok(this.#tools);
    // all are waited for, so that none is left behind where one of them has failed
    const opened = await Promise.allSettled(this.#servers.map((server) => this.#toolsOf(server, signal)));
    const tools: ForeignTool[] = [];
    for (const each of opened) {
      if (each.status === 'rejected') throw each.reason;
      if (!each.value.ok) return each.value;
      tools.push(...each.value.value);
    }
    this.#tools = tools;
    return ok(tools);
  }

  async #toolsOf(server: Server, signal: AbortSignal): Promise<Result<readonly ForeignTool[], Failure>> {
    const { toolset, connection } = server;
    const found = await connection.open(signal);
    if (!found.ok) return found;
    const tools = found.value.map((one) => this.#toolOf(server, one));
    const told = tools.map(({ name, description, parameters }) => ({ name, description, parameters }));
    const bytes = Buffer.byteLength(JSON.stringify(told));
    if (bytes <= AGENT_MCP_DEFINITIONS_BYTES_MAX) return ok(tools);
    await connection.close();
    return err(definitionsTooLarge(toolset.name, bytes, AGENT_MCP_DEFINITIONS_BYTES_MAX));
  }

  #toolOf(server: Server, { tool }: FoundTool): ForeignTool {
    const { toolset, connection } = server;
    const { $schema: _dialect, ...parameters } = tool.inputSchema as JsonObject;
    return {
      name: modelName(toolset.name, tool.name),
      // what a person would not see the model does not get to read
      description: visible(tool.description ?? ''),
      parameters: visibleWords(parameters) as JsonObject,
      isRepeatable: this.#isRepeatable,
      async use(given, signal) {
        if (server.calls >= toolset.callsMax)
          return ok(
            refusal(`this step makes at most ${toolset.callsMax} calls of the tools of ${toolset.name}`),
          );
        server.calls += 1;
        return connection.use(tool.name, given, signal);
      },
    };
  }

  /** Ends all servers, or the connections to them. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map(({ connection }) => connection.close()));
  }
}

/** Of a schema: what is there to be read, not what is compared with a value. */
const WORDS: ReadonlySet<string> = new Set(['title', 'description', '$comment']);

function visibleWords(schema: Json): Json {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((each) => visibleWords(each as Json));
  const seen = ([key, value]: readonly [string, Json]): readonly [string, Json] =>
    WORDS.has(key) && typeof value === 'string' ? [key, visible(value)] : [key, visibleWords(value)];
  return Object.fromEntries((Object.entries(schema) as [string, Json][]).map(seen));
}
