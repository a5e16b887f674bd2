/**
 * `mcp_tools` as a definition writes it: which tools of which MCP servers a model may use. Owns the schema, and what the
 * tools are called by the model. Nothing is given that is not named.
 */
import * as z from 'zod';
import { AGENT_MCP_CALLS_MAX, AGENT_MCP_SERVERS_MAX, AGENT_MCP_TOOLS_MAX } from '../../engine/core/limits.ts';
import { durationField } from '../duration.ts';
import { pinField, serverField } from '../mcp/mcp-fields.ts';

/** Both APIs take no more, and no other characters. */
const MODEL_NAME_CHARS_MAX = 64;
const SERVER_NAME_CHARS_MAX = 24;

const toolName = z.string().regex(/^[\w./:-]{1,128}$/, 'expected the name of a tool, as the server has it');

/** How a model calls a tool of a server. */
export const modelName = (server: string, tool: string): string =>
  `${server}__${tool.replaceAll(/[^\w-]/g, '_')}`;

const toolset = z
  .strictObject({
    name: z
      .string()
      .max(SERVER_NAME_CHARS_MAX)
      .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'expected lower-case letters, digits and hyphens')
      .describe('What the server is called: the model calls a tool `<name>__<tool>`'),
    server: serverField.describe('As of an mcp step: a program to start (`command`), or an address (`url`)'),
    tools: z
      .array(toolName)
      .min(1)
      .max(AGENT_MCP_TOOLS_MAX)
      .describe('Those that the model may use; no others'),
    pins: z.record(toolName, pinField).optional().describe('Tool to the definition that is expected of it'),
    on_change: z
      .enum(['fail', 'ask'])
      .optional()
      .describe('When a tool is not as pinned: fail unless said, or ask a person'),
    start_timeout: durationField.optional().describe('Until the server speaks MCP; 1m unless said'),
    max_calls: z
      .int()
      .min(1)
      .max(AGENT_MCP_CALLS_MAX)
      .optional()
      .describe('Calls of its tools; 100 unless said'),
  })
  .superRefine(({ tools, pins, on_change: onChange }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: [], message });
    const twice = tools.find((tool, at) => tools.indexOf(tool) !== at);
    if (twice !== undefined) refuse(`\`tools\` names \`${twice}\` twice`);
    const stray = Object.keys(pins ?? {}).find((tool) => !tools.includes(tool));
    if (stray !== undefined) refuse(`\`pins\` names \`${stray}\`, which is not among \`tools\``);
    if (onChange !== undefined && Object.values(pins ?? {}).every((pin) => pin === 'ask'))
      refuse('`on_change` needs `pins` that hold a digest');
  });

export const mcpToolsField = z
  .array(toolset)
  .min(1)
  .max(AGENT_MCP_SERVERS_MAX)
  .superRefine((toolsets, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: [], message });
    const seen = new Map<string, string>();
    for (const { name, tools } of toolsets) {
      for (const tool of tools) {
        const called = modelName(name, tool);
        const about = `tool \`${tool}\` of \`${name}\``;
        if (called.length > MODEL_NAME_CHARS_MAX)
          refuse(
            `${about} would be called \`${called}\`, expected at most ${MODEL_NAME_CHARS_MAX} characters`,
          );
        if (seen.has(called)) refuse(`${about} would be called \`${called}\`, like ${seen.get(called)}`);
        seen.set(called, about);
      }
    }
  });

export type McpToolsField = z.infer<typeof mcpToolsField>;
