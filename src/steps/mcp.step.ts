/**
 * `mcp`: calls a tool of another MCP server, reads one of its resources or gets one of its prompts. The call is made in
 * the host, ends with it, and is made at most once unless it may be repeated. Owns what the step promises; the work is
 * in `mcp/`, and is loaded when it is needed: the SDK takes its time.
 */
import type * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import type { StepContext, StepType } from '../engine/core/step-type.ts';
import { type McpCall, mcpCall } from './mcp/mcp-call.ts';
import { type McpFields, mcpFields } from './mcp/mcp-fields.ts';

export const mcpStep: StepType<z.ZodObject> = {
  type: 'mcp',
  summary: 'Call a tool of another MCP server',
  schema: mcpFields,
  fields: {
    server: 'template',
    tool: 'template',
    resource: 'template',
    prompt: 'template',
    arguments: 'template',
    pin: 'literal',
    on_change: 'literal',
    save_to: 'template',
    start_timeout: 'literal',
    expires: 'literal',
  },
  effects: 'remote',

  effectsOf(config) {
    const fields = mcpFields.parse(config);
    if (fields.tool !== undefined) return 'remote';
    return fields.save_to === undefined ? 'none' : 'workspace';
  },

  begin(context) {
    const call = mcpCall(context, mcpFields.parse(context.step.config));
    if (!call.ok) return call;
    return ok({ kind: 'call', call: call.value, repeatable: call.value.repeatable });
  },

  async perform(call, io) {
    const { performMcp } = await import('./mcp/perform-mcp.ts');
    return performMcp(call as McpCall, io);
  },

  plan(context) {
    const fields = mcpFields.parse(context.step.config);
    const call = mcpCall(context, fields);
    return {
      does: `${whatItDoes(context, fields)} of ${shownServer(fields)}; ${shownPin(fields)}`,
      ...(!call.ok && { unknown: call.error.message }),
    };
  },
};

function whatItDoes(context: StepContext, { tool, resource, prompt }: McpFields): string {
  const written = tool ?? resource ?? prompt ?? '';
  const name = context.renderText(written);
  const verb =
    tool === undefined ? (resource === undefined ? 'gets prompt' : 'reads resource') : 'calls tool';
  return `${verb} \`${name.ok ? name.value : written}\``;
}

/** As it is written: what its expressions give may be secret. */
const shownServer = ({ server }: McpFields): string =>
  `server \`${server.url?.split('?')[0] ?? [server.command, ...(server.args ?? [])].join(' ')}\``;

function shownPin({ tool, pin, on_change: onChange }: McpFields): string {
  if (tool === undefined) return 'nothing is changed there';
  if (pin === undefined) return 'its definition is not pinned: a run leaves `definition_pin` to be pinned';
  if (pin === 'ask') return 'a person is shown its definition first';
  const otherwise = onChange === 'ask' ? 'asks a person' : 'fails';
  return `its definition is pinned to \`${pin.slice(0, 64)}\`, and the step ${otherwise} when it is another`;
}
