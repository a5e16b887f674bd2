/**
 * A tool as MCP lists it and its result as MCP answers it.
 * Several clients check `structuredContent` against the output schema even when `isError` is set and then hide
 * the error behind their own; so the listed output schema is "the tool's answer or an error".
 */
import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/server';
import { jsonSchema } from '../tools/json-schema.ts';
import type { Tool, ToolError, ToolResult } from '../tools/tool.ts';

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

/** The catalogue as tools/list gives it. */
export function listTools(tools: readonly Tool[]): ListedTool[] {
  return tools.map(({ name, title, description, annotations, input, output }) => ({
    name,
    title,
    description,
    inputSchema: jsonSchema(input) as ListedTool['inputSchema'],
    // 2025-era clients want an object at the root, also where it is a choice of two.
    outputSchema: { type: 'object', anyOf: [jsonSchema(output), ERROR_SCHEMA] } as ListedTool['outputSchema'],
    annotations: { title, ...annotations },
  }));
}

/** The answer to tools/call. */
export function callResult(result: ToolResult): CallToolResult {
  if (result.kind === 'error') {
    return {
      isError: true,
      content: [{ type: 'text', text: errorText(result.error) }],
      structuredContent: { ...result.error },
    };
  }
  const links = (result.links ?? []).map((link) => ({ type: 'resource_link' as const, ...link }));
  return { content: [{ type: 'text', text: result.text }, ...links], structuredContent: result.structured };
}

function errorText({ message, hint, next = [] }: ToolError): string {
  const lines = [message];
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  for (const step of next) lines.push(`next: ${step.tool} ${JSON.stringify(step.arguments)} (${step.why})`);
  return lines.join('\n');
}
