/**
 * The words of every failure that an agent step meets, and whether another attempt may help. Owns wording only.
 * 1. What a service or a model has said is shown in part, and never with a key in it.
 */
import type { Failure } from '../../engine/core/failure.ts';

const SEE_LOG = 'workflow_status shows the log of the step with all that was said and done';
const PROBLEMS_SHOWN_MAX = 10;

/** Nobody can be asked; `why` says what each provider lacks. */
export const noProvider = (why: readonly string[]): Failure => ({
  code: 'no_provider',
  retry: 'final',
  message: `no provider is configured: ${why.join('; ')}`,
  hint: 'set what is missing, or add `caller` to `providers`: then the connected agent does the work itself',
});

export const providerUnavailable = (tried: readonly string[], retryAfterMs: number | undefined): Failure => ({
  code: 'provider_unavailable',
  retry: 'again',
  message: `no provider answers: ${tried.join('; ')}`,
  hint: '`retry` tries again by itself; further `providers` are asked where the first cannot be reached',
  ...(retryAfterMs !== undefined && { data: { retry_after_ms: retryAfterMs } }),
});

export const providerRefused = (provider: string, says: string): Failure => ({
  code: 'provider_refused',
  retry: 'final',
  message: `\`${provider}\` refuses the request: ${says}`,
  hint: 'check the model, the key and the base URL; a model that knows no tools needs `tools: []`',
});

export const modelDeclined = (provider: string): Failure => ({
  code: 'model_declined',
  retry: 'final',
  message: `the model of \`${provider}\` declines to do this`,
  hint: `${SEE_LOG}; say in \`prompt\` what the work is for`,
});

export const schemaMismatch = (problems: readonly string[]): Failure => {
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX);
  return {
    code: 'schema_mismatch',
    retry: 'again',
    message: `the answer does not fit \`schema\`: ${shown.join('; ')}`,
    hint: `${SEE_LOG}; describe the fields in \`schema\`, or take another model`,
    data: { problems: shown },
  };
};

/** The fields that bound an agent step. */
export type Bound = 'max_turns' | 'max_seconds' | 'max_tokens' | 'max_cost';

export const budgetExceeded = (bound: Bound, limit: number, found: number): Failure => ({
  code: 'budget_exceeded',
  retry: 'final',
  message: `no answer within \`${bound}: ${limit}\`: found ${found}, and the model is not done`,
  hint: `raise \`${bound}\`, or ask for less; ${SEE_LOG}`,
  data: { bound, limit, found },
});

/** The command line of another agent did not do what it should. */
export const agentFailed = (what: string): Failure => ({
  code: 'agent_failed',
  retry: 'again',
  message: `\`claude\` ${what}`,
  hint: SEE_LOG,
});

/** Its host died while it worked: what it has done is unknown. */
export const agentInterrupted = (): Failure => ({
  code: 'interrupted',
  retry: 'final',
  message: '`claude` was at work when its host ended: what it has done is unknown',
  hint: 'look at the files; workflow_resume with `from_step` begins anew',
});

export const inputsInvalid = (what: string): Failure => ({
  code: 'request_invalid',
  retry: 'final',
  message: `\`inputs\`: ${what}`,
  hint: 'paths start at the directory of the run and stay inside it; `*` and `**` stand for names',
});

export const definitionsTooLarge = (server: string, found: number, bytesMax: number): Failure => ({
  code: 'response_too_large',
  retry: 'final',
  message: `the tools that MCP server \`${server}\` gives the model have descriptions and schemas of ${found} bytes, expected at most ${bytesMax}`,
  hint: 'name fewer of its tools in `mcp_tools`',
});

/** The model is told, and may go on without it. */
export const serverGivenUp = (server: string, restartsMax: number): Failure => ({
  code: 'server_exited',
  retry: 'again',
  message: `MCP server \`${server}\` has ended again and again, and is started anew at most ${restartsMax} times: its tools are gone`,
  hint: SEE_LOG,
});
