/**
 * The tools that a model may use, and whether it may: each needs something that a security profile gives or refuses.
 * Owns the permission and the reading of arguments; what a tool does is in its own file.
 * 1. What the profile does not give is not offered, and is refused by name when it is asked for all the same.
 */
import * as z from 'zod';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
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

/** Something that it can do elsewhere: described by others, who check the arguments too. */
export interface ForeignTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
  readonly isRepeatable: boolean;
  /** The failure ends the step. Rejects with the reason of the signal, or on a bug. */
  use(given: JsonObject, signal: AbortSignal): Promise<Result<ToolResult, Failure>>;
}

/** The same ones each time; the first time may take a while. */
export type OpenForeign = (signal: AbortSignal) => Promise<Result<readonly ForeignTool[], Failure>>;

export interface Toolbox {
  /** To be awaited before anything else; the failure ends the step. */
  open(signal: AbortSignal): Promise<Failure | undefined>;
  readonly offered: readonly ToolSpec[];
  isRepeatable(name: string): boolean;
  /** The failure ends the step. */
  use(call: ToolCall, signal: AbortSignal): Promise<Result<ToolResult, Failure>>;
}

export const refusal = (text: string): ToolResult => ({ text: `refused: ${text}`, isError: true });

const told = (text: string) => ok({ text, isError: true });

/** @param allowed those of our own that the step lets it have; all that the profile gives, unless said */
export function toolbox(
  all: readonly AgentTool[],
  profile: Profile,
  allowed: readonly string[] | undefined,
  openForeign: OpenForeign = async () => ok([]),
): Toolbox {
  const byName = new Map<string, AgentTool>(all.map((tool) => [tool.name, tool]));
  const own = all.filter((tool) => isGiven(tool.name, profile) && (allowed?.includes(tool.name) ?? true));
  const foreign = new Map<string, ForeignTool>();
  const names = () => [...own, ...foreign.values()].map(({ name }) => name).join(', ') || 'none';
  const refused = (tool: AgentTool): string | undefined => {
    if (!isGiven(tool.name, profile)) return `is not allowed by the security profile ${profile}`;
    return own.includes(tool) ? undefined : `is not among the tools of this step: ${names()}`;
  };
  return {
    async open(signal) {
      const opened = await openForeign(signal);
      if (!opened.ok) return opened.error;
      for (const tool of opened.value) foreign.set(tool.name, tool);
      return undefined;
    },
    get offered() {
      return [...own.map(specOf), ...[...foreign.values()].map(foreignSpecOf)];
    },
    isRepeatable: (name) => (foreign.get(name) ?? byName.get(name))?.isRepeatable ?? true,
    async use(call, signal) {
      signal.throwIfAborted();
      const other = foreign.get(call.name);
      if (other) return useForeign(other, call, signal);
      const tool = byName.get(call.name);
      if (!tool) return told(`there is no tool ${call.name}; the tools are: ${names()}`);
      const why = refused(tool);
      if (why !== undefined) return ok(refusal(`${call.name} ${why}`));
      const given = argumentsFor(tool, call);
      return typeof given === 'string' ? told(given) : ok(await tool.use(given, signal));
    },
  };
}

const specOf = (tool: AgentTool): ToolSpec => ({
  name: tool.name,
  description: tool.description,
  parameters: parametersOf(tool),
});

const foreignSpecOf = ({ name, description, parameters }: ForeignTool): ToolSpec => ({
  name,
  description,
  parameters,
});

function useForeign(
  tool: ForeignTool,
  call: ToolCall,
  signal: AbortSignal,
): Promise<Result<ToolResult, Failure>> {
  const given = jsonOf(call);
  if (!given.ok) return Promise.resolve(told(given.error));
  const isObject = typeof given.value === 'object' && given.value !== null && !Array.isArray(given.value);
  if (!isObject) return Promise.resolve(told('the arguments do not fit: expected an object'));
  return tool.use(given.value as JsonObject, signal);
}

function parametersOf(tool: AgentTool): JsonObject {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(tool.arguments, { io: 'input' });
  return schema as JsonObject;
}

function jsonOf(call: ToolCall): Result<unknown, string> {
  try {
    return ok(JSON.parse(call.arguments));
  } catch (error) {
    return err(`the arguments are no JSON: ${(error as Error).message}`);
  }
}

/** Or what is wrong with them. */
function argumentsFor(tool: AgentTool, call: ToolCall): { [name: string]: unknown } | string {
  const value = jsonOf(call);
  if (!value.ok) return value.error;
  const read = tool.arguments.safeParse(value.value);
  if (read.success) return read.data;
  const problems = read.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`,
  );
  return `the arguments do not fit: ${problems.join('; ')}`;
}
