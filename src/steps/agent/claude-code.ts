/**
 * The Claude Code command line as a provider: one child process that does the whole work and prints one JSON document.
 * Owns its arguments and what its document means. The prompt goes in on standard input, so that no process list shows it.
 * 1. What the security profile does not give is forbidden by name, whatever the settings of the user or the project say.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_PRINTED_BYTES_MAX } from '../../engine/core/limits.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import { agentFailed, budgetExceeded } from './agent-messages.ts';
import type { Limits, Spent } from './budget.ts';
import type { ClaudeProvider } from './choose-providers.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import type { Profile } from './toolbox.ts';

export interface ClaudeTerms {
  readonly provider: ClaudeProvider;
  readonly limits: Limits;
  readonly profile: Profile;
  readonly allowed: readonly (readonly string[])[];
  readonly workspace: string;
  readonly env: { readonly [name: string]: string };
}

export interface ClaudeAnswer {
  readonly text: string;
  /** To go on with the same conversation. */
  readonly session: string | undefined;
  readonly spent: Spent;
}

const READING = ['Read', 'Glob', 'Grep'];
const WRITING = ['Edit', 'Write', 'NotebookEdit'];
const OUTWARD = ['WebFetch', 'WebSearch'];

/** @param session of an earlier answer, to go on there */
function claudeArguments(
  { provider, limits, profile, allowed }: ClaudeTerms,
  session?: string,
): readonly string[] {
  const { turns, cost } = limits;
  return [
    ...['-p', '--output-format', 'json', '--max-turns', String(turns)],
    ...(cost === undefined ? [] : ['--max-budget-usd', String(cost)]),
    ...(provider.model === undefined ? [] : ['--model', provider.model]),
    ...permissions(profile, allowed),
    ...(session === undefined ? [] : ['--resume', session]),
  ];
}

function permissions(profile: Profile, allowed: ClaudeTerms['allowed']): readonly string[] {
  if (profile === 'privileged') return ['--permission-mode', 'bypassPermissions'];
  // a project may say in its settings what it lets others do: its own word does not count here
  const alone = ['--setting-sources', 'user', '--strict-mcp-config'];
  if (profile === 'restricted') {
    const refused = [...WRITING, ...OUTWARD, 'Bash', 'Task'].join(',');
    return [
      '--permission-mode',
      'default',
      ...alone,
      '--allowedTools',
      READING.join(','),
      '--disallowedTools',
      refused,
    ];
  }
  const programs = allowed.map((words) => `Bash(${words.join(' ')}:*)`);
  const refused = [...OUTWARD, ...(programs.length === 0 ? ['Bash'] : [])].join(',');
  const given = [...READING, ...WRITING, ...programs].join(',');
  return [
    '--permission-mode',
    'acceptEdits',
    ...alone,
    '--allowedTools',
    given,
    '--disallowedTools',
    refused,
  ];
}

/** Rejects with the reason of the signal. */
export async function askClaude(
  terms: ClaudeTerms,
  prompt: string,
  session: string | undefined,
  { signal, log }: { readonly signal: AbortSignal; log(text: string): void },
): Promise<Result<ClaudeAnswer, { readonly failure: Failure; readonly spent?: Spent }>> {
  const { provider, workspace, env } = terms;
  const spec = {
    argv: [provider.program, ...claudeArguments(terms, session)],
    cwd: workspace,
    env: { ...env, ...provider.env },
    input: prompt,
    bytesMax: AGENT_PRINTED_BYTES_MAX,
  };
  try {
    const end = await runProgram(spec, signal);
    if (end.stderr !== '') log(`${end.stderr}\n`);
    return answerOf(terms, end, log);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (signal.aborted || code === undefined) throw error;
    return err({ failure: agentFailed(`cannot be started: ${code}`) });
  }
}

function answerOf(
  { limits }: ClaudeTerms,
  end: ProgramEnd,
  log: (text: string) => void,
): Result<ClaudeAnswer, { readonly failure: Failure; readonly spent?: Spent }> {
  const document = documentOf(end.stdout);
  if (!document) {
    const how = end.code === undefined ? `was killed by ${end.signal}` : `ended with exit code ${end.code}`;
    return err({ failure: agentFailed(`${how} and printed no JSON result`) });
  }
  const text = typeof document.result === 'string' ? document.result : '';
  log(`${text}\n`);
  const spent = spentOf(document);
  const { subtype, is_error: isError, session_id: session } = document;
  if (subtype === 'error_max_turns')
    return err({ failure: budgetExceeded('max_turns', limits.turns, spent.turns), spent });
  if (subtype === 'error_max_budget_usd')
    return err({ failure: budgetExceeded('max_cost', limits.cost ?? 0, spent.cost ?? 0), spent });
  if (isError === true || end.code !== 0) {
    const says = text === '' ? String(subtype ?? `exit code ${end.code}`) : text;
    return err({ failure: agentFailed(`reports an error: ${says.slice(0, SHOWN_CHARS_MAX)}`), spent });
  }
  return ok({ text, session: typeof session === 'string' ? session : undefined, spent });
}

const SHOWN_CHARS_MAX = 300;

/** The result document; in a list of all events it is the last one. */
function documentOf(printed: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(printed);
    const document = (Array.isArray(value) ? value.at(-1) : value) as JsonObject | null;
    return document?.type === 'result' ? document : undefined;
  } catch {
    return undefined;
  }
}

const count = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0);

function spentOf({ num_turns, duration_ms, total_cost_usd, usage }: JsonObject): Spent {
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = (usage ??
    {}) as JsonObject;
  const read = [input_tokens, cache_creation_input_tokens, cache_read_input_tokens].map(count);
  return {
    turns: count(num_turns),
    ms: count(duration_ms),
    usage: {
      input_tokens: read.reduce((sum, one) => sum + one, 0),
      output_tokens: count(output_tokens),
    },
    ...(typeof total_cost_usd === 'number' && { cost: total_cost_usd }),
  };
}
