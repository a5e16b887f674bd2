/**
 * One performance of an agent step as data: what its fields become when their expressions have values. Made anew for
 * each attempt and never journaled, because it holds keys. Looks at the environment, not at the disk or the network.
 */
import { type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_MS_USUAL, AGENT_TOKENS_USUAL, AGENT_TURNS_USUAL } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { durationMs } from '../duration.ts';
import type { AgentFields } from './agent-fields.ts';
import type { Limits, Prices } from './budget.ts';
import { chooseProviders, keyVariables, type Provider } from './choose-providers.ts';
import { type McpToolset, mcpToolsets } from './mcp-toolset.ts';
import type { Profile } from './toolbox.ts';

/** A type, not an interface, so that it counts as JSON. */
export type AgentCall = {
  readonly prompt: string;
  readonly inputs: readonly string[];
  /** Paths of the artifacts of the step. */
  readonly files: readonly string[];
  readonly schema?: JsonObject;
  readonly providers: readonly [Provider, ...Provider[]];
  readonly limits: Limits;
  readonly prices?: Prices;
  readonly profile: Profile;
  /** Beginnings of command lines, as words. */
  readonly allowed: readonly (readonly string[])[];
  readonly tools?: readonly string[];
  readonly mcp: readonly McpToolset[];
  readonly allowPrivate: boolean;
  /** Which agents may answer. */
  readonly by?: readonly string[];
  readonly capabilities?: readonly string[];
  /** What the caller is given to answer, or a person whom an MCP server asks. */
  readonly expiresMs?: number;
  /** Absolute. */
  readonly workspace: string;
  /** Of the programs that are run: no keys in it. */
  readonly env: { readonly [name: string]: string };
  readonly secrets: readonly string[];
  /** Doing all of it again does no harm. */
  readonly idempotent: boolean;
  readonly notes: readonly Json[];
};

/** Shorter ones are too likely to be part of ordinary words. */
const SECRET_LENGTH_MIN = 6;

/** Failure `no_provider`, what is wrong with an MCP server, or what an expression says. */
export function agentCall(
  context: StepContext,
  fields: AgentFields,
  host: { readonly [name: string]: string | undefined } = process.env,
): Result<AgentCall, Failure> {
  const prompt = context.renderText(fields.prompt);
  if (!prompt.ok) return prompt;
  const inputs = renderedList(context, fields.inputs ?? []);
  if (!inputs.ok) return inputs;
  const model = fields.model === undefined ? ok(undefined) : context.renderText(fields.model);
  if (!model.ok) return model;
  const environment = context.environment();
  if (!environment.ok) return environment;
  const { providers: written, temperature } = fields;
  const which = (program: string) => context.which(program);
  const run = environment.value;
  const providers = chooseProviders({ written, model: model.value, temperature, run, host, which });
  if (!providers.ok) return providers;
  const keys = new Set(keyVariables(written));
  const mcp = mcpToolsets(context, fields.mcp_tools ?? [], keys);
  if (!mcp.ok) return mcp;
  const own = providers.value.flatMap(secretsOf).filter(({ length }) => length >= SECRET_LENGTH_MIN);
  return ok({
    ...fixed(context, fields),
    prompt: prompt.value,
    inputs: inputs.value,
    providers: providers.value,
    env: Object.fromEntries(Object.entries(run).filter(([name]) => !keys.has(name))),
    mcp: mcp.value,
    secrets: [...own, ...mcp.value.flatMap(({ secrets }) => secrets)],
  });
}

/** What does not depend on expressions. */
function fixed(context: StepContext, fields: AgentFields) {
  const { step, cwd, notes } = context;
  const { schema, prices, tools, by, capabilities, max_cost: cost } = fields;
  const expiresMs = durationMs(fields.expires);
  const ms = budgetMs(fields, step.timeoutMs);
  return {
    files: filesOf(context),
    ...(schema && { schema: schema as JsonObject }),
    ...(prices && { prices }),
    ...(tools && { tools }),
    ...(by && { by }),
    ...(capabilities && { capabilities }),
    ...(expiresMs !== undefined && { expiresMs }),
    limits: {
      turns: fields.max_turns ?? AGENT_TURNS_USUAL,
      ...(ms !== undefined && { ms }),
      tokens: fields.max_tokens ?? AGENT_TOKENS_USUAL,
      ...(cost !== undefined && { cost }),
    },
    profile: fields.security_profile ?? ('restricted' as const),
    allowed: (fields.allow_commands ?? []).map((command) => command.split(' ')),
    allowPrivate: fields.allow_private ?? false,
    workspace: cwd,
    idempotent: step.idempotent,
    notes,
  };
}

/** Nothing beside the step's own `timeout`: two bounds of the same length would end it by turns, each with its own code. */
const budgetMs = (
  { max_seconds: seconds }: AgentFields,
  timeoutMs: number | undefined,
): number | undefined => {
  if (seconds !== undefined) return seconds * 1_000;
  return timeoutMs === undefined ? AGENT_MS_USUAL : undefined;
};

/** Artifacts of the step whose place is known before it starts. */
function filesOf(context: StepContext): readonly string[] {
  const { artifacts = {}, outputs } = context.step;
  const paths = Object.keys(artifacts).map((name) => context.renderText(outputs[name] ?? ''));
  return paths.flatMap((path) => (path.ok && path.value !== '' ? [path.value] : []));
}

/** One expression that gives a list counts as its members. */
function renderedList(
  context: StepContext,
  templates: readonly string[],
): Result<readonly string[], Failure> {
  const rendered = context.render(templates);
  return rendered.ok ? ok((rendered.value as readonly Json[]).flat(1).map(String)) : rendered;
}

function secretsOf(provider: Provider): readonly string[] {
  if (provider.kind === 'caller') return [];
  if (provider.kind === 'claude_code') {
    const { ANTHROPIC_BASE_URL: _address, ...keys } = provider.env;
    return Object.values(keys);
  }
  return provider.key === undefined ? [] : [provider.key];
}
