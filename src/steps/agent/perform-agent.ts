/**
 * An agent step at work: its providers one after the other, until one of them can be reached, and what comes of it.
 * Owns the way from a call to an outcome; the loop with a model is in `reason.ts`.
 * 1. Nothing that leaves this file holds a key: not the log, not a note, not an outcome.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_ASKED_BYTES_MAX, AGENT_INPUT_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { CallIo, Outcome } from '../../engine/core/step-type.ts';
import { withoutSecrets } from '../http/without-secrets.ts';
import { expired } from '../messages.ts';
import { answerersOf } from '../question/answerer-fields.ts';
import type { AgentCall } from './agent-call.ts';
import { agentInterrupted, budgetExceeded, schemaMismatch } from './agent-messages.ts';
import { answerOutcome, askedAnswer, failedOutcome } from './agent-outcome.ts';
import { answerIn } from './answer-schema.ts';
import { anthropicModel } from './anthropic-model.ts';
import { addUsage, type Spent, tokensOf } from './budget.ts';
import type { ApiProvider, ClaudeProvider, Provider } from './choose-providers.ts';
import { askClaude } from './claude-code.ts';
import type { Note } from './conversation.ts';
import { fileTools } from './file-tools.ts';
import { askedSchema, goalText, SYSTEM } from './goal.ts';
import { httpTool } from './http-tool.ts';
import { isApproval } from './mcp-notes.ts';
import type { McpTools } from './mcp-tools.ts';
import type { Model } from './model.ts';
import { notePieces, wholeNotes } from './note-pieces.ts';
import { openaiModel } from './openai-model.ts';
import type { AgentClock } from './patient-reply.ts';
import { PausingClock } from './pausing-clock.ts';
import { type InputFile, readInputs } from './read-inputs.ts';
import { misfit, type Reasoned, reason } from './reason.ts';
import { runTool } from './run-tool.ts';
import { type AgentTool, toolbox } from './toolbox.ts';

const TIMER_MS_MAX = 2 ** 31 - 1;

const realClock: AgentClock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  after: (ms) => AbortSignal.timeout(Math.min(ms, TIMER_MS_MAX)),
};

/** Rejects when the signal is given, or on a bug. */
export async function performAgent(call: AgentCall, io: CallIo, clock = realClock): Promise<Outcome> {
  io.signal.throwIfAborted();
  const inputs = readInputs(call.workspace, call.inputs, AGENT_INPUT_BYTES_MAX);
  if (!inputs.ok) return failedOutcome(inputs.error);
  return withoutSecrets(
    (await new Performance(call, io, clock, inputs.value).byFirst()) as unknown as JsonObject,
    call.secrets,
  ) as unknown as Outcome;
}

const isApi = (provider: Provider): provider is ApiProvider =>
  provider.kind === 'openai' || provider.kind === 'anthropic';

class Performance {
  readonly #call: AgentCall;
  readonly #io: CallIo;
  readonly #clock: AgentClock;
  readonly #inputs: readonly InputFile[];
  readonly #past: readonly JsonObject[];

  constructor(call: AgentCall, io: CallIo, clock: AgentClock, inputs: readonly InputFile[]) {
    this.#call = call;
    this.#io = io;
    this.#clock = clock;
    this.#inputs = inputs;
    this.#past = wholeNotes(call.notes);
  }

  /** Models share one conversation, so that the next can go on with it; the others begin anew. */
  async byFirst(): Promise<Outcome> {
    const { providers } = this.#call;
    const warnings: string[] = [];
    let left: readonly Provider[] = this.#isWithClaude ? providers.filter((one) => !isApi(one)) : providers;
    for (;;) {
      const [first] = left;
      if (!first || first.kind === 'caller') return this.#byCaller(warnings);
      if (first.kind === 'claude_code') return this.#byClaude(first, warnings);
      const other = left.findIndex((one) => !isApi(one));
      const models = (other < 0 ? left : left.slice(0, other)).filter(isApi);
      const reasoned = await this.#byModels(models);
      const { result, spent } = reasoned;
      const isUnheard = !result.ok && result.error.code === 'provider_unavailable' && spent.turns === 0;
      if (!isUnheard || other < 0) return this.#reasonedOutcome(reasoned, warnings);
      warnings.push(result.error.message);
      left = left.slice(other);
    }
  }

  async #byModels(providers: readonly ApiProvider[]): Promise<Reasoned> {
    const { schema, limits, prices, profile, tools } = this.#call;
    const work = {
      system: SYSTEM,
      goal: goalText(this.#call, this.#inputs),
      limits,
      ...(schema && { schema }),
      ...(prices && { prices }),
    };
    const clock = new PausingClock(this.#clock);
    const mcp = await this.#mcpTools(clock);
    try {
      return await reason(work, {
        models: providers.map(modelOf),
        tools: toolbox(this.#tools(), profile, tools, mcp && ((signal) => mcp.open(signal))),
        clock,
        signal: this.#io.signal,
        past: this.#past.filter((note) => !isApproval(note)) as unknown as readonly Note[],
        log: (text) => this.#log(text),
        note: (note) => this.#note(note),
      });
    } finally {
      await mcp?.close();
    }
  }

  /** Loaded where it is needed: the SDK takes its time. */
  async #mcpTools(clock: PausingClock): Promise<McpTools | undefined> {
    const { mcp, workspace, idempotent, expiresMs } = this.#call;
    if (mcp.length === 0) return undefined;
    const { McpTools } = await import('./mcp-tools.ts');
    return new McpTools(mcp, {
      cwd: workspace,
      isRepeatable: idempotent,
      ...(expiresMs !== undefined && { expiresMs }),
      past: this.#past,
      io: {
        ...this.#io,
        log: (text) => this.#log(String(text)),
        note: (note) => this.#note(note as JsonObject),
        ask: (ask) => clock.during(() => this.#io.ask(ask)),
      },
    });
  }

  #tools(): readonly AgentTool[] {
    const { workspace, profile, allowed, env, allowPrivate } = this.#call;
    const run = runTool({ workspace, env, profile, allowed });
    const isRunnable = profile !== 'standard' || allowed.length > 0;
    return [
      ...fileTools(workspace, profile),
      ...(isRunnable ? [run as unknown as AgentTool] : []),
      httpTool(allowPrivate) as unknown as AgentTool,
    ];
  }

  #reasonedOutcome({ result, spent, by, warnings: more }: Reasoned, warnings: readonly string[]): Outcome {
    const { prices } = this.#call;
    const account = { spent, ...(by && { by }), ...(prices && { prices }) };
    if (!result.ok) return failedOutcome(result.error, account);
    return answerOutcome(result.value, account, [...warnings, ...more]);
  }

  get #isWithClaude(): boolean {
    return this.#past.some(({ kind }) => kind === 'claude_code');
  }

  async #byClaude(provider: ClaudeProvider, warnings: readonly string[]): Promise<Outcome> {
    const { profile, idempotent, limits } = this.#call;
    if (this.#isWithClaude && profile !== 'restricted' && !idempotent)
      return failedOutcome(agentInterrupted());
    await this.#note({ kind: 'claude_code' });
    const deadline = limits.ms === undefined ? undefined : this.#clock.after(limits.ms);
    try {
      const signal = deadline ? AbortSignal.any([this.#io.signal, deadline]) : this.#io.signal;
      const { result, spent } = await this.#askClaude(provider, signal);
      const account = { ...(spent && { spent }), by: { provider: provider.kind, model: provider.model } };
      if (!result.ok) return failedOutcome(result.error, account);
      const isOver = spent !== undefined && tokensOf(spent) > limits.tokens;
      const over = isOver ? [`more tokens were used than \`max_tokens\`: ${tokensOf(spent)}`] : [];
      return answerOutcome(result.value, account, [...warnings, ...over]);
    } catch (error) {
      if (this.#io.signal.aborted || !deadline?.aborted) throw error;
      const seconds = (limits.ms ?? 0) / 1_000;
      return failedOutcome(budgetExceeded('max_seconds', seconds, seconds));
    }
  }

  /** Asked once more where the answer does not fit. */
  async #askClaude(
    provider: ClaudeProvider,
    signal: AbortSignal,
  ): Promise<{ readonly result: Result<Json, Failure>; readonly spent?: Spent }> {
    const terms = { ...this.#call, provider };
    const io = { signal, log: (text: string) => this.#log(text) };
    const first = await askClaude(terms, goalText(this.#call, this.#inputs), undefined, io);
    if (!first.ok) return { ...first.error, result: err(first.error.failure) };
    const { text, session, spent } = first.value;
    const { schema } = this.#call;
    if (!schema) return { result: ok(text.trim()), spent };
    const answer = answerIn(text, schema);
    if (answer.ok) return { result: answer, spent };
    if (session === undefined) return { result: err(schemaMismatch(answer.error)), spent };
    const second = await askClaude(terms, misfit(answer.error), session, io);
    if (!second.ok) return { result: err(second.error.failure), spent: sum(spent, second.error.spent) };
    const repaired = answerIn(second.value.text, schema);
    const both = sum(spent, second.value.spent);
    return { result: repaired.ok ? repaired : err(schemaMismatch(repaired.error)), spent: both };
  }

  /** Where those before could not be reached; a step whose first provider this is asks without a call. */
  async #byCaller(warnings: readonly string[]): Promise<Outcome> {
    const { workspace, inputs, schema, expiresMs } = this.#call;
    const files = readInputs(workspace, inputs, AGENT_ASKED_BYTES_MAX);
    if (!files.ok) return failedOutcome(files.error);
    const prompt = goalText(this.#call, files.value);
    const ask = {
      kind: 'agent',
      askedOf: 'agent',
      prompt,
      schema: askedSchema(schema),
      ...answerersOf(this.#call),
      ...(expiresMs !== undefined && { expiresAtMs: this.#clock.now() + expiresMs }),
    } as const;
    const answer = await this.#io.ask(ask);
    if (answer === undefined) return failedOutcome(expired('agent'));
    return askedAnswer(schema, answer, warnings);
  }

  #log(text: string): void {
    this.#io.log(withoutSecrets(text, this.#call.secrets));
  }

  async #note(note: JsonObject): Promise<void> {
    const shown = this.#io.masked(withoutSecrets(note, this.#call.secrets));
    for (const piece of notePieces(shown)) await this.#io.note(piece);
  }
}

const modelOf = (provider: ApiProvider): Model =>
  provider.kind === 'openai' ? openaiModel(provider) : anthropicModel(provider);

const sum = (one: Spent, other: Spent | undefined): Spent =>
  other === undefined
    ? one
    : {
        turns: one.turns + other.turns,
        ms: one.ms + other.ms,
        usage: addUsage(one.usage, other.usage),
        cost: (one.cost ?? 0) + (other.cost ?? 0),
      };
