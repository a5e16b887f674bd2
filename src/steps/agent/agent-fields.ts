/**
 * The fields of `agent` and `claude_code` as a definition writes them. Owns their schemas and what contradicts itself in
 * them; what needs the values of expressions or the environment is looked at in `agent-call.ts`.
 */
import * as z from 'zod';
import { AGENT_TURNS_MAX, DURATION_MS_MAX } from '../../engine/core/limits.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { FieldKind } from '../../engine/core/step-type.ts';
import { durationField } from '../duration.ts';
import { capabilitiesField, namesField } from '../question/answerer-fields.ts';
import { schemaProblem } from './answer-schema.ts';
import { mcpToolsField } from './mcp-tools-field.ts';
import { isGiven, PROFILES, TOOL_NAMES } from './toolbox.ts';

/** Outputs that the step makes itself. */
const OWN_OUTPUTS = ['usage', 'turns', 'provider', 'model'] as const;

const answerSchema = z.record(z.string(), z.json()).superRefine((schema, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  const problem = schemaProblem(schema as JsonObject);
  if (problem) return refuse(problem);
  const names = Object.keys((schema.properties ?? {}) as JsonObject);
  const taken = names.filter((name) => (OWN_OUTPUTS as readonly string[]).includes(name));
  if (taken.length > 0)
    refuse(`expected properties other than ${OWN_OUTPUTS.join(', ')}, which are outputs of the step itself`);
});

/** Words separated by blanks: what it may not hold would mean something to the command line of another agent. */
const allowedCommand = z
  .string()
  .regex(/^[^\s(),:*]+(?: [^\s(),:*]+)*$/, 'expected a program, or a program and its first arguments');

const baseUrl = z.url({ protocol: /^https?$/ }).refine((text) => {
  const { username, password, search, hash } = new URL(text);
  return [username, password, search, hash].every((part) => part === '');
}, 'expected a URL without user, password and query');
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a variable, never the key itself');
const temperature = z.number().min(0).max(2);
const model = z.string().min(1);

const endpoint = {
  base_url: baseUrl.optional().describe('Where the API is'),
  model: model.optional(),
  key_env: variable.optional().describe('Variable that holds the key; declared in `prerequisites`'),
  temperature: temperature.optional(),
};
const provider = z.union([
  z.enum(['openai', 'anthropic', 'claude_code', 'caller']),
  z.discriminatedUnion('provider', [
    z.strictObject({ provider: z.literal('openai'), ...endpoint }),
    z.strictObject({ provider: z.literal('anthropic'), ...endpoint }),
    z.strictObject({ provider: z.literal('claude_code'), model: model.optional() }),
    z.strictObject({ provider: z.literal('caller') }),
  ]),
]);

const shared = {
  prompt: z.string().trim().min(1).describe('The goal; may hold {{ }}'),
  inputs: z
    .array(z.string().min(1))
    .min(1)
    .max(100)
    .optional()
    .describe('Files that go with it: paths or globs from the directory of the run'),
  schema: answerSchema.optional().describe('JSON Schema of the answer; its fields become outputs'),
  model: model.optional().describe('For providers that name none; may hold {{ }}'),
  max_turns: z.int().min(1).max(AGENT_TURNS_MAX).optional().describe('Replies of the model; 25 unless said'),
  max_seconds: z
    .number()
    .positive()
    .max(DURATION_MS_MAX / 1_000)
    .optional()
    .describe('Time for all of it; 600 unless it or the `timeout` of the step is said'),
  max_tokens: z.int().min(1).optional().describe('Tokens read and written together; 1000000 unless said'),
  max_cost: z.number().positive().optional().describe('In the currency of `prices`'),
  security_profile: z
    .enum(PROFILES)
    .optional()
    .describe(
      'restricted (reads files, unless said), standard (also writes, runs `allow_commands`), privileged',
    ),
  allow_commands: z
    .array(allowedCommand)
    .min(1)
    .max(100)
    .optional()
    .describe('Programs, or beginnings of command lines, that `standard` lets it run'),
};

export const agentFields = z
  .strictObject({
    ...shared,
    providers: z
      .array(provider)
      .min(1)
      .max(8)
      .optional()
      .describe('openai, anthropic, claude_code, caller: the first that is configured and answers'),
    temperature: temperature.optional().describe('For providers that name none'),
    prices: z
      .strictObject({ input: z.number().min(0), output: z.number().min(0) })
      .optional()
      .describe('Of a million tokens'),
    tools: z
      .array(z.enum(TOOL_NAMES))
      .optional()
      .describe('Those it may use; all that its profile has unless said'),
    mcp_tools: mcpToolsField
      .optional()
      .describe('Tools of MCP servers that it may use too: server by server, each tool by its name'),
    allow_private: z.boolean().optional().describe('Lets `http_get` go to private and loopback addresses'),
    by: namesField.optional().describe('Agents that the work is handed back to, by their names'),
    capabilities: capabilitiesField.optional(),
    expires: durationField
      .optional()
      .describe('Time that the caller has to answer, or a person whom an MCP server asks'),
  })
  .superRefine((written, context) => {
    refuseUnallowed(written, context);
    const { max_cost, prices, tools = [], security_profile: profile = 'restricted' } = written;
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: [], message });
    if (max_cost !== undefined && !prices) refuse('expected `prices` where there is `max_cost`');
    refuseTools(written, refuse);
    const { by, capabilities, providers } = written;
    if ((by ?? capabilities) && providers && !kindsOf(providers).includes('caller'))
      refuse('expected `caller` among `providers` where there is `by` or `capabilities`');
    const lacking = tools.filter((tool) => !isGiven(tool, profile));
    if (lacking.length > 0) refuse(`\`security_profile: ${profile}\` does not have ${lacking.join(', ')}`);
  });

type Providers = readonly (string | { readonly provider: string })[];

const kindsOf = (providers: Providers): readonly string[] =>
  providers.map((one) => (typeof one === 'string' ? one : one.provider));

/** Tools of other servers have effects that nobody here can know. */
function refuseTools(
  {
    mcp_tools: mcpTools,
    security_profile: profile = 'restricted',
    providers,
  }: {
    readonly mcp_tools?: unknown;
    readonly security_profile?: string | undefined;
    readonly providers?: Providers | undefined;
  },
  refuse: (message: string) => void,
): void {
  if (!mcpTools) return;
  if (profile === 'restricted') refuse('expected `security_profile: standard` where there is `mcp_tools`');
  if (providers && kindsOf(providers).every((kind) => kind !== 'openai' && kind !== 'anthropic'))
    refuse(
      'expected `openai` or `anthropic` among `providers` where there is `mcp_tools`: others do not get them',
    );
}

function refuseUnallowed(
  {
    allow_commands,
    security_profile: profile = 'restricted',
  }: Pick<z.infer<z.ZodObject<typeof shared>>, 'allow_commands' | 'security_profile'>,
  context: z.RefinementCtx,
): void {
  if (!allow_commands || profile !== 'restricted') return;
  const message = 'expected `security_profile: standard` where there is `allow_commands`';
  context.addIssue({ code: 'custom', path: [], message });
}

/** Of the alias: the provider is said by its name. */
export const claudeCodeFields = z.strictObject(shared).superRefine(refuseUnallowed);

export type AgentFields = z.infer<typeof agentFields>;
export type ProviderField = NonNullable<AgentFields['providers']>[number];

const sharedKinds = {
  prompt: 'template',
  inputs: 'template',
  schema: 'literal',
  model: 'template',
  max_turns: 'literal',
  max_seconds: 'literal',
  max_tokens: 'literal',
  max_cost: 'literal',
  security_profile: 'literal',
  allow_commands: 'literal',
} as const satisfies { readonly [field in keyof typeof shared]: FieldKind };

export const claudeCodeKinds: { readonly [field: string]: FieldKind } = sharedKinds;
export const agentKinds: { readonly [field: string]: FieldKind } = {
  ...sharedKinds,
  providers: 'literal',
  temperature: 'literal',
  prices: 'literal',
  tools: 'literal',
  mcp_tools: 'template',
  allow_private: 'literal',
  by: 'literal',
  capabilities: 'literal',
  expires: 'literal',
};
