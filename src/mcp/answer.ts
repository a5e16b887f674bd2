/**
 * A tool as MCP lists it and its result as MCP answers it.
 * Several clients check `structuredContent` against the output schema even when `isError` is set and then hide
 * the error behind their own; so the listed output schema is "the tool's answer or an error".
 */
import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/server';
import { z } from 'zod';
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

/** The catalogue as tools/list gives it. Converting a schema is slow, and many tools share one. */
export function listTools(tools: readonly Tool[]): ListedTool[] {
  const converted = new Map<z.ZodType, object>();
  const jsonOf = (schema: z.ZodType) => {
    const json = converted.get(schema) ?? jsonSchema(schema);
    converted.set(schema, json);
    return json;
  };
  return tools.map(({ name, title, description, annotations, input, output }) => ({
    name,
    title,
    description,
    inputSchema: jsonOf(input) as ListedTool['inputSchema'],
    // 2025-era clients want an object at the root, also where it is a choice of two.
    outputSchema: { type: 'object', anyOf: [jsonOf(output), ERROR_SCHEMA] } as ListedTool['outputSchema'],
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

/**
 * The input side also of an output schema: it leaves plain objects open, so that a field that is added later
 * does not break a client which still checks against the older list.
 */
function jsonSchema(schema: z.ZodType): object {
  const written = JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return JSON.parse(written, simplify);
}

/**
 * Leaves out what tells a client nothing, and every reference: clients that hand schemas to a model often refuse
 * them, and only "any JSON value" is recursive in this catalogue, for which `{}` says the same.
 */
function simplify(key: string, value: unknown): unknown {
  if (key === '$schema' || key === '$defs') return undefined;
  if (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) return undefined;
  if (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) return {};
  // JSON object keys are strings whatever a record says.
  if (key === 'propertyNames' && Object.keys(value).length === 1) return undefined;
  return value;
}
