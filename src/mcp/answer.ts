/**
 * A tool as MCP lists it and its result as MCP answers it.
 * Several clients check `structuredContent` against the output schema even when `isError` is set and then hide
 * the error behind their own; so the listed output schema is "the tool's answer or an error".
 */
import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/server';
import { jsonSchema } from '../tools/json-schema.ts';
import type { Tool, ToolError, ToolResult } from '../tools/tool.ts';
import { toolIcons } from './icons.ts';
import { type AnswerMeta, toolMeta } from './view/view-meta.ts';

/** JSON Schema of a `ToolError`. */
const ERROR_SCHEMA = {
  type: 'object',
  properties: {
    code: { type: 'string' },
    message: { type: 'string' },
    hint: { type: 'string' },
    next: {
      type: 'array',
      items: {
        type: 'object',
        properties: { tool: { type: 'string' }, arguments: { type: 'object' }, why: { type: 'string' } },
        required: ['tool', 'arguments', 'why'],
      },
    },
    data: { type: 'object' },
  },
  required: ['code', 'message'],
};

/**
 * The catalogue as tools/list gives it.
 * @param withViews with what a host that has views needs to know of them
 * @param asTasks names of those that a client of 2025-11-25 may call as tasks
 */
export function listTools(
  tools: readonly Tool[],
  withViews = false,
  asTasks: ReadonlySet<string> = new Set(),
): ListedTool[] {
  return tools.map(({ name, title, description, annotations, input, output }) => ({
    name,
    title,
    description,
    inputSchema: jsonSchema(input) as ListedTool['inputSchema'],
    // 2025-era clients want an object at the root, also where it is a choice of two.
    outputSchema: { type: 'object', anyOf: [jsonSchema(output), ERROR_SCHEMA] } as ListedTool['outputSchema'],
    annotations: { title, ...annotations },
    icons: toolIcons(name),
    ...(asTasks.has(name) && { execution: { taskSupport: 'optional' } as const }),
    ...(withViews && { _meta: toolMeta(name) }),
  }));
}

/** The answer to tools/call; `meta` is for the host, and goes with what it can show. */
export function callResult(result: ToolResult, meta?: AnswerMeta): CallToolResult {
  if (result.kind === 'error') {
    return {
      isError: true,
      content: [{ type: 'text', text: errorText(result.error) }],
      structuredContent: { ...result.error },
    };
  }
  const links = (result.links ?? []).map((link) => ({ type: 'resource_link' as const, ...link }));
  return {
    content: [{ type: 'text', text: result.text }, ...links],
    structuredContent: result.structured,
    ...(meta && { _meta: meta }),
  };
}

function errorText({ message, hint, next = [] }: ToolError): string {
  const lines = [message];
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  for (const step of next) lines.push(`next: ${step.tool} ${JSON.stringify(step.arguments)} (${step.why})`);
  return lines.join('\n');
}
