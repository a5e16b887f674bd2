import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callResult, listTools } from '../../../src/mcp/answer.ts';
import type { Tool } from '../../../src/tools/tool.ts';

const tool = {
  name: 'workflow_x',
  title: 'X',
  description: 'does x',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    name: z.string().default('a').describe('a name'),
    inputs: z.record(z.string(), z.json()).optional(),
    count: z.int().min(1),
    any: z.int().optional(),
  }),
  output: z.object({ value: z.json() }),
} as unknown as Tool;

describe('listTools', () => {
  it('gives schemas without references and without words that say nothing', () => {
    const listed = listTools([tool])[0];
    expect(listed?.inputSchema).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', default: 'a', description: 'a name' },
        inputs: { type: 'object', additionalProperties: {} },
        count: { type: 'integer', minimum: 1 },
        any: { type: 'integer' },
      },
      required: ['count'],
      additionalProperties: false,
    });
    expect(JSON.stringify(listed?.outputSchema)).not.toMatch(/\$ref|\$defs|\$schema/);
    expect(listed?.outputSchema).toMatchObject({
      type: 'object',
      anyOf: [{ properties: { value: {} }, required: ['value'] }, { required: ['code', 'message'] }],
    });
    expect(listed?.annotations).toEqual({ title: 'X', ...tool.annotations });
  });
});

describe('callResult', () => {
  it('gives the error as text for models and as data for programs', () => {
    const error = {
      code: 'c',
      message: 'm',
      hint: 'h',
      next: [{ tool: 't', arguments: { a: 1 }, why: 'w' }],
    };
    expect(callResult({ kind: 'error', error })).toEqual({
      isError: true,
      content: [{ type: 'text', text: 'm\nhint: h\nnext: t {"a":1} (w)' }],
      structuredContent: error,
    });
  });
});
