/**
 * The tools that a model may use, and whether it may: each needs something that a security profile gives or refuses.
 * Owns the permission and the reading of arguments; what a tool does is in its own file.
 * 1. What the profile does not give is not offered, and is refused by name when it is asked for all the same.
 */
import * as z from 'zod';
import type { JsonObject } from '../../engine/core/model.ts';
import type { ToolCall, ToolResult, ToolSpec } from './model.ts';

export const PROFILES = ['restricted', 'standard', 'privileged'] as const;
export type Profile = (typeof PROFILES)[number];

/** Each tool with the least profile that has it. */
const TOOL_PROFILES = {
  read_file: 'restricted',
  list_files: 'restricted',
  write_file: 'standard',
  run: 'standard',
  http_get: 'privileged',
} as const satisfies { readonly [tool: string]: Profile };

export type ToolName = keyof typeof TOOL_PROFILES;
export const TOOL_NAMES = Object.keys(TOOL_PROFILES) as ToolName[];

/** Whether the profile has the tool. */
export const isGiven = (tool: ToolName, profile: Profile): boolean =>
  PROFILES.indexOf(TOOL_PROFILES[tool]) <= PROFILES.indexOf(profile);

/** Something that a model can do. */
export interface AgentTool<Arguments extends z.ZodObject = z.ZodObject> {
  readonly name: ToolName;
  readonly description: string;
  readonly arguments: Arguments;
  /** Doing it twice does no more than doing it once. */
  readonly isRepeatable: boolean;
  /** Rejects with the reason of the signal, or on a bug. */
  use(given: z.infer<Arguments>, signal: AbortSignal): Promise<ToolResult>;
}

export interface Toolbox {
  readonly offered: readonly ToolSpec[];
  isRepeatable(name: string): boolean;
  use(call: ToolCall, signal: AbortSignal): Promise<ToolResult>;
}

export const refusal = (text: string): ToolResult => ({ text: `refused: ${text}`, isError: true });

/** @param allowed those that the step lets it have; all that the profile gives, unless said */
export function toolbox(
  all: readonly AgentTool[],
  profile: Profile,
  allowed: readonly string[] | undefined,
): Toolbox {
  const byName = new Map<string, AgentTool>(all.map((tool) => [tool.name, tool]));
  const offered = all.filter((tool) => isGiven(tool.name, profile) && (allowed?.includes(tool.name) ?? true));
  return {
    offered: offered.map((tool) => ({
      name: tool.name,
      description: tool.description,
      parameters: parametersOf(tool),
    })),
    isRepeatable: (name) => byName.get(name)?.isRepeatable ?? true,
    async use(call, signal) {
      signal.throwIfAborted();
      const tool = byName.get(call.name);
      const names = offered.map(({ name }) => name).join(', ') || 'none';
      if (!tool) return { text: `there is no tool ${call.name}; the tools are: ${names}`, isError: true };
      if (!isGiven(tool.name, profile))
        return refusal(`${call.name} is not allowed by the security profile ${profile}`);
      if (!offered.includes(tool))
        return refusal(`${call.name} is not among the tools of this step: ${names}`);
      const given = argumentsFor(tool, call);
      return typeof given === 'string' ? { text: given, isError: true } : tool.use(given, signal);
    },
  };
}

function parametersOf(tool: AgentTool): JsonObject {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(tool.arguments, { io: 'input' });
  return schema as JsonObject;
}

/** Or what is wrong with them. */
function argumentsFor(tool: AgentTool, call: ToolCall): { [name: string]: unknown } | string {
  let value: unknown;
  try {
    value = JSON.parse(call.arguments);
  } catch (error) {
    return `the arguments are no JSON: ${(error as Error).message}`;
  }
  const read = tool.arguments.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`,
  );
  return `the arguments do not fit: ${problems.join('; ')}`;
}
