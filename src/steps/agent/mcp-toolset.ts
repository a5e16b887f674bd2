/** The tools of one MCP server that a model may use, as data: what `mcp_tools` becomes when its expressions have values. */
import { type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_MCP_CALLS_USUAL, MCP_START_MS_USUAL } from '../../engine/core/limits.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { durationMs } from '../duration.ts';
import { type McpServer, mcpServer } from '../mcp/mcp-call.ts';
import type { McpToolsField } from './mcp-tools-field.ts';

/** A type, not an interface, so that it counts as JSON. */
export type McpToolset = McpServer & {
  readonly name: string;
  readonly tools: readonly string[];
  /** Of some of them: what is expected. */
  readonly pins: { readonly [tool: string]: string };
  /** Whether a person may let a tool through that is not as pinned. */
  readonly asks: boolean;
  readonly startMs: number;
  readonly callsMax: number;
};

/**
 * Failures as those of an mcp step.
 * @param withheld variables that no program is given by itself
 */
export function mcpToolsets(
  context: StepContext,
  written: McpToolsField,
  withheld: ReadonlySet<string>,
): Result<readonly McpToolset[], Failure> {
  const toolsets: McpToolset[] = [];
  for (const { name, server: fields, tools, pins = {}, ...rest } of written) {
    const server = mcpServer(context, fields, withheld);
    if (!server.ok) return server;
    toolsets.push({
      ...server.value,
      name,
      tools,
      pins,
      asks: rest.on_change === 'ask',
      startMs: durationMs(rest.start_timeout) ?? MCP_START_MS_USUAL,
      callsMax: rest.max_calls ?? AGENT_MCP_CALLS_USUAL,
    });
  }
  return ok(toolsets);
}
