/**
 * Who may be asked: the providers of a step that are configured, in its order.
 * 1. A key of the host goes only where the host itself says, never to an address that a definition gives.
 * 2. A key that a definition names by its variable is taken from what the run declares, from nowhere else.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { ProviderField } from './agent-fields.ts';
import { noProvider } from './agent-messages.ts';
import type { AnthropicEndpoint } from './anthropic-model.ts';
import type { OpenaiEndpoint } from './openai-model.ts';

/** Types, not interfaces, so that they count as JSON. */
export type ApiProvider =
  | ({ readonly kind: 'openai' } & OpenaiEndpoint)
  | ({ readonly kind: 'anthropic' } & AnthropicEndpoint);
export type ClaudeProvider = {
  readonly kind: 'claude_code';
  /** Absolute path. */
  readonly program: string;
  readonly model?: string;
  /** Its credentials, where they are variables. */
  readonly env: { readonly [name: string]: string };
};
export type Provider = ApiProvider | ClaudeProvider | { readonly kind: 'caller' };

type Variables = { readonly [name: string]: string | undefined };

export interface Choice {
  /** As written; absent: what the environment configures, else the caller. */
  readonly written: readonly ProviderField[] | undefined;
  readonly model: string | undefined;
  readonly temperature: number | undefined;
  /** Of the run: what its definition sets or declares. */
  readonly run: Variables;
  /** Of this process. */
  readonly host: Variables;
  which(program: string): string | undefined;
}

interface Service {
  readonly kind: 'openai' | 'anthropic';
  readonly url: string;
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
}
const OPENAI: Service = {
  kind: 'openai',
  url: 'https://api.openai.com/v1',
  baseUrl: 'OPENAI_BASE_URL',
  key: 'OPENAI_API_KEY',
  model: 'OPENAI_MODEL',
};
const ANTHROPIC: Service = {
  kind: 'anthropic',
  url: 'https://api.anthropic.com',
  baseUrl: 'ANTHROPIC_BASE_URL',
  key: 'ANTHROPIC_API_KEY',
  model: 'ANTHROPIC_MODEL',
};

/** Variables by which the command line knows who pays. */
const CLAUDE_VARIABLES = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;

/** Names of all variables that may hold a key; no program that a model runs is given them. */
export const keyVariables = (written: readonly ProviderField[] = []): readonly string[] => [
  OPENAI.key,
  ...CLAUDE_VARIABLES,
  ...written.flatMap((one) =>
    typeof one === 'object' && 'key_env' in one && one.key_env !== undefined ? [one.key_env] : [],
  ),
];

/** At least one; failure `no_provider`. */
export function chooseProviders(choice: Choice): Result<readonly [Provider, ...Provider[]], Failure> {
  const lacking: string[] = [];
  const found: Provider[] = [];
  const { written } = choice;
  for (const field of written ?? (['openai', 'anthropic'] as const)) {
    const one = providerOf(typeof field === 'string' ? { provider: field } : field, choice);
    if (one.ok) found.push(one.value);
    else lacking.push(one.error);
  }
  if (!written) found.push({ kind: 'caller' });
  const [first, ...rest] = found;
  return first ? ok([first, ...rest]) : err(noProvider(lacking));
}

type Written = Extract<ProviderField, object>;

function providerOf(field: Written, choice: Choice): Result<Provider, string> {
  if (field.provider === 'caller') return ok({ kind: 'caller' });
  if (field.provider === 'openai') return openaiOf(field, choice);
  if (field.provider === 'anthropic') return anthropicOf(field, choice);
  const program = choice.which('claude');
  if (program === undefined) return err('`claude_code` needs the program `claude` on the PATH of the run');
  const model = field.model ?? choice.model;
  return ok({ kind: 'claude_code', program, ...(model !== undefined && { model }), env: claudeEnv(choice) });
}

function claudeEnv({ run, host }: Choice): { readonly [name: string]: string } {
  const env: { [name: string]: string } = {};
  const isElsewhere = run[ANTHROPIC.baseUrl] !== undefined;
  for (const name of [ANTHROPIC.baseUrl, ...CLAUDE_VARIABLES]) {
    const value = run[name] ?? (isElsewhere ? undefined : host[name]);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

type Endpoint = Extract<Written, { readonly provider: 'openai' | 'anthropic' }>;

function openaiOf(field: Endpoint, choice: Choice): Result<Provider, string> {
  const at = addressOf(OPENAI, field, choice);
  if (!at.ok) return at;
  const { baseUrl, isUsual, key } = at.value;
  if (isUsual && key === undefined)
    return err(`\`openai\` needs a \`base_url\`, or a key in \`${OPENAI.key}\``);
  const { temperature = choice.temperature } = field;
  const model = modelOf(OPENAI, field, choice);
  if (!model.ok) return model;
  return ok({
    kind: 'openai',
    baseUrl,
    model: model.value,
    ...(key !== undefined && { key }),
    ...(temperature !== undefined && { temperature }),
  });
}

function anthropicOf(field: Endpoint, choice: Choice): Result<Provider, string> {
  const at = addressOf(ANTHROPIC, field, choice);
  if (!at.ok) return at;
  const { baseUrl, key } = at.value;
  if (key === undefined) return err(`\`anthropic\` needs a key in \`${ANTHROPIC.key}\`, or \`key_env\``);
  const { temperature = choice.temperature } = field;
  const model = modelOf(ANTHROPIC, field, choice);
  if (!model.ok) return model;
  return ok({
    kind: 'anthropic',
    baseUrl,
    model: model.value,
    key,
    ...(temperature !== undefined && { temperature }),
  });
}

interface Address {
  readonly baseUrl: string;
  readonly key: string | undefined;
  /** Nobody has given another one. */
  readonly isUsual: boolean;
}

function addressOf(service: Service, field: Endpoint, { run, host }: Choice): Result<Address, string> {
  const { kind } = service;
  const given = field.base_url ?? run[service.baseUrl];
  const named = field.key_env === undefined ? undefined : run[field.key_env];
  if (field.key_env !== undefined && !named)
    return err(
      `\`${kind}\` takes its key from \`${field.key_env}\`, which is not set, or not declared by \`prerequisites: [{ env: ${field.key_env} }]\``,
    );
  const baseUrl = given ?? host[service.baseUrl] ?? service.url;
  const isHttp = /^https?:$/.test(URL.parse(baseUrl)?.protocol ?? '');
  if (!isHttp) return err(`\`${service.baseUrl}\` is no URL of http or https`);
  // where the definition gives the address, only what it declares goes there
  const usual = field.base_url === undefined ? run[service.key] : undefined;
  const key = named ?? usual ?? (given === undefined ? host[service.key] : undefined);
  return ok({ baseUrl, key: key || undefined, isUsual: baseUrl === service.url });
}

/** Where no provider is written, a model that everybody knows the maker of goes to that one only. */
function modelOf(service: Service, field: Endpoint, choice: Choice): Result<string, string> {
  const { written, run, host } = choice;
  const isOfService = /^claude/i.test(choice.model ?? '') === (service.kind === 'anthropic');
  const general = written || isOfService ? choice.model : undefined;
  const model = field.model ?? general ?? run[service.model] ?? host[service.model];
  return model ? ok(model) : err(`\`${service.kind}\` needs a \`model\``);
}
