/**
 * The reasoning loop: asks a model, makes the calls it wants, tells it what came of them, until it answers.
 * Knows no step and no journal: what it needs is handed in, and what happens is told by `note` before it goes on.
 * 1. Nothing is done twice: a call whose effect must not come twice is noted before it is made.
 * 2. It ends: each turn is counted, and none begins when a bound of the budget is reached.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { AGENT_CALLS_MAX, AGENT_REPLY_TOKENS_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import {
  budgetExceeded,
  modelDeclined,
  providerRefused,
  providerUnavailable,
  schemaMismatch,
} from './agent-messages.ts';
import { answerIn } from './answer-schema.ts';
import { type Limits, overdrawn, type Prices, type Spent, tokensOf } from './budget.ts';
import { Conversation, type Note, type OpenCall } from './conversation.ts';
import type { Model, ModelTrouble, ToolResult } from './model.ts';
import { type AgentClock, patientReply } from './patient-reply.ts';
import type { Toolbox } from './toolbox.ts';

export interface Work {
  readonly system: string;
  readonly goal: string;
  /** JSON Schema of the answer; without one it is text. */
  readonly schema?: JsonObject;
  readonly limits: Limits;
  readonly prices?: Prices;
}

export interface Surroundings {
  /** Asked in this order: the next one where none before can be reached. */
  readonly models: readonly Model[];
  readonly tools: Toolbox;
  readonly clock: AgentClock;
  readonly signal: AbortSignal;
  /** What was noted before. */
  readonly past: readonly Note[];
  log(text: string): void;
  /** Resolved when it is durable. */
  note(note: Note): Promise<void>;
}

export interface Reasoned {
  readonly result: Result<Json, Failure>;
  readonly spent: Spent;
  /** Who replied last. */
  readonly by?: { readonly provider: string; readonly model: string };
  readonly warnings: readonly string[];
}

/** Rejects with the reason of the signal, or on a bug. */
export async function reason(work: Work, around: Surroundings): Promise<Reasoned> {
  return new Reasoning(work, around).toItsEnd();
}

const INTERRUPTED =
  'interrupted: the machine or the program went away during this call, and its outcome is unknown';
const CUT = 'Your reply was cut at its limit of length. Go on with smaller steps, or answer more briefly.';
const EMPTY = 'Your reply was empty. Call a tool, or give your answer.';
const TOO_MANY = `refused: at most ${AGENT_CALLS_MAX} calls in one reply; make this one again if it is still needed`;

/** What is wrong with an answer, as the model is told. */
export const misfit = (problems: readonly string[]): string =>
  `Your answer does not fit the JSON Schema:\n${problems.map((one) => `- ${one}`).join('\n')}\n` +
  'Answer again with nothing but the corrected JSON.';

/** Of arguments and results in the log; the model has them whole. */
const LOGGED_CHARS_MAX = 4_000;
const brief = (text: string): string =>
  text.length <= LOGGED_CHARS_MAX ? text : `${text.slice(0, LOGGED_CHARS_MAX)}… (${text.length} characters)`;

class Reasoning {
  readonly #work: Work;
  readonly #around: Surroundings;
  readonly #conversation: Conversation;
  readonly #warnings: string[] = [];
  readonly #tried: string[] = [];
  readonly #beganMs: number;
  readonly #signal: AbortSignal;
  /** Of the budget. */
  readonly #deadline: AbortSignal | undefined;
  #by: { readonly provider: string; readonly model: string } | undefined;
  #model = 0;

  constructor(work: Work, around: Surroundings) {
    const { clock, past, models, signal } = around;
    this.#work = work;
    this.#around = around;
    this.#conversation = new Conversation(work.goal);
    for (const note of past) this.#take(note);
    const used = models.findIndex(
      (one) => one.provider === this.#by?.provider && one.name === this.#by.model,
    );
    this.#model = Math.max(0, used);
    const { ms } = this.#conversation.spent;
    this.#beganMs = clock.now() - ms;
    const { ms: limitMs } = work.limits;
    this.#deadline = limitMs === undefined ? undefined : clock.after(Math.max(0, limitMs - ms));
    this.#signal = this.#deadline ? AbortSignal.any([signal, this.#deadline]) : signal;
  }

  async toItsEnd(): Promise<Reasoned> {
    try {
      for (;;) {
        const result = await this.#step();
        if (result) return this.#ended(result);
      }
    } catch (error) {
      const { signal } = this.#around;
      if (signal.aborted || !this.#deadline?.aborted) throw error;
      const seconds = (this.#work.limits.ms ?? 0) / 1_000;
      return this.#ended(err(budgetExceeded('max_seconds', seconds, seconds)));
    }
  }

  #ended(result: Result<Json, Failure>): Reasoned {
    const { spent } = this.#conversation;
    const ms = this.#around.clock.now() - this.#beganMs;
    return {
      result,
      spent: { ...spent, ms },
      ...(this.#by && { by: this.#by }),
      warnings: this.#warnings,
    };
  }

  /** The next thing to do; gives the end, if this was it. */
  async #step(): Promise<Result<Json, Failure> | undefined> {
    const { unanswered, spent } = this.#conversation;
    if (unanswered && unanswered.calls.length === 0) return this.#answer(unanswered);
    const { limits, prices } = this.#work;
    const now = { ...spent, ms: this.#around.clock.now() - this.#beganMs };
    const over = overdrawn(now, limits, prices);
    if (over) return err(over);
    const shut = await this.#around.tools.open(this.#signal);
    if (shut) return err(shut);
    const { open } = this.#conversation;
    if (open) return this.#call(open);
    return this.#ask();
  }

  async #ask(): Promise<Result<Json, Failure> | undefined> {
    const { models, clock, log } = this.#around;
    const { system, limits } = this.#work;
    const { messages, spent } = this.#conversation;
    const model = models[this.#model];
    if (!model) return err(providerUnavailable(this.#tried, undefined));
    const request = {
      system,
      messages,
      tools: this.#around.tools.offered,
      tokensMax: Math.min(AGENT_REPLY_TOKENS_MAX, limits.tokens - tokensOf(spent)),
    };
    const got = await patientReply(model, request, { clock, signal: this.#signal, log });
    if (!got.ok) return this.#trouble(model, got.error);
    log('\n');
    const ms = clock.now() - this.#beganMs;
    await this.#note({ kind: 'reply', provider: model.provider, model: model.name, ms, ...got.value });
    return undefined;
  }

  #trouble(model: Model, { kind, message, retryAfterMs }: ModelTrouble): Result<Json, Failure> | undefined {
    if (kind === 'refused') return err(providerRefused(model.provider, message));
    const what = `\`${model.provider}\` ${kind === 'unreachable' ? 'cannot be reached' : 'is busy'}: ${message}`;
    this.#tried.push(what);
    this.#model += 1;
    if (this.#model >= this.#around.models.length) return err(providerUnavailable(this.#tried, retryAfterMs));
    this.#warnings.push(what);
    return undefined;
  }

  async #call(open: OpenCall): Promise<Result<Json, Failure> | undefined> {
    const { log } = this.#around;
    const { index, call } = open;
    log(`[${call.name}] ${brief(call.arguments)}\n`);
    const result = await this.#made(open);
    if (!result.ok) return result;
    log(`${brief(result.value.text)}\n`);
    await this.#note({ kind: 'result', call: index, ...result.value });
    return undefined;
  }

  async #made({ index, call, isBegun }: OpenCall): Promise<Result<ToolResult, Failure>> {
    const { tools } = this.#around;
    if (isBegun) return ok({ text: INTERRUPTED, isError: true });
    if (index >= AGENT_CALLS_MAX) return ok({ text: TOO_MANY, isError: true });
    if (!tools.isRepeatable(call.name)) await this.#note({ kind: 'begun', call: index });
    return tools.use(call, this.#signal);
  }

  /** A reply without calls is the answer, unless something is wrong with it. */
  async #answer({
    text,
    end,
    provider,
  }: Extract<Note, { readonly kind: 'reply' }>): Promise<Result<Json, Failure> | undefined> {
    if (end === 'declined') return err(modelDeclined(provider));
    if (end === 'cut') return this.#tell({ kind: 'told', text: CUT });
    const { schema } = this.#work;
    if (!schema) return text.trim() === '' ? this.#tell({ kind: 'told', text: EMPTY }) : ok(text.trim());
    const answer = answerIn(text, schema);
    if (answer.ok) return answer;
    if (this.#conversation.repairs > 0) return err(schemaMismatch(answer.error));
    return this.#tell({ kind: 'told', text: misfit(answer.error), repair: true });
  }

  async #tell(note: Extract<Note, { readonly kind: 'told' }>): Promise<undefined> {
    this.#around.log(`[told] ${note.text}\n`);
    await this.#note(note);
    return undefined;
  }

  async #note(note: Note): Promise<void> {
    this.#take(note);
    await this.#around.note(note);
    this.#around.signal.throwIfAborted();
  }

  #take(note: Note): void {
    this.#conversation.add(note);
    if (note.kind === 'reply') this.#by = { provider: note.provider, model: note.model };
  }
}
