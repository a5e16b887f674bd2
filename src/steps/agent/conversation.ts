/**
 * A conversation with a model as a list of notes: what is journaled, and what a later host goes on from.
 * Owns the notes and how they add up; neither speaks to a model nor uses a tool.
 * 1. A note is written when what it tells has happened; only `begun` is written before.
 */
import { assert } from '../../engine/core/failure.ts';
import { addUsage, NOTHING_SPENT, type Spent } from './budget.ts';
import type { Message, Reply, ToolCall, ToolResult } from './model.ts';

export type Note =
  | ({
      readonly kind: 'reply';
      readonly provider: string;
      readonly model: string;
      /** Of the whole performance so far. */
      readonly ms: number;
    } & Reply)
  /** A call whose effect must not come twice is about to be made. */
  | { readonly kind: 'begun'; readonly call: number }
  | { readonly kind: 'result'; readonly call: number; readonly text: string; readonly isError: boolean }
  /** What the loop says to the model: its answer does not fit, or was cut. `repair` counts. */
  | { readonly kind: 'told'; readonly text: string; readonly repair?: true };

/** A call of the last reply that has no result yet. */
export interface OpenCall {
  readonly index: number;
  readonly call: ToolCall;
  /** Its host died while it was made. */
  readonly isBegun: boolean;
}

export class Conversation {
  readonly #messages: Message[];
  #results: ToolResult[] = [];
  #open: OpenCall[] = [];
  #spent: Spent = NOTHING_SPENT;
  #last: Extract<Note, { readonly kind: 'reply' }> | undefined;
  #repairs = 0;

  /** @param goal what is said first */
  constructor(goal: string) {
    this.#messages = [{ from: 'user', text: goal }];
  }

  /** What happened is taken in, in the order in which it did. */
  add(note: Note): void {
    if (note.kind === 'reply') this.#reply(note);
    else if (note.kind === 'told') {
      this.#messages.push({ from: 'user', text: note.text });
      if (note.repair) this.#repairs += 1;
      this.#last = undefined;
    } else {
      const [first] = this.#open;
      assert(first?.index === note.call, `call ${note.call} is not the next one`);
      if (note.kind === 'begun') this.#open[0] = { ...first, isBegun: true };
      else this.#result(note);
    }
  }

  #reply(note: Extract<Note, { readonly kind: 'reply' }>): void {
    const { text, calls, usage, ms } = note;
    this.#messages.push({ from: 'model', text, calls });
    this.#open = calls.map((call, index) => ({ index, call, isBegun: false }));
    this.#results = [];
    this.#spent = { turns: this.#spent.turns + 1, ms, usage: addUsage(this.#spent.usage, usage) };
    this.#last = note;
  }

  #result({ text, isError }: Extract<Note, { readonly kind: 'result' }>): void {
    this.#results.push({ text, isError });
    this.#open.shift();
    if (this.#open.length > 0) return;
    this.#messages.push({ from: 'tools', results: this.#results });
    this.#last = undefined;
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** The next call to be made; undefined when all have their result. */
  get open(): OpenCall | undefined {
    return this.#open[0];
  }

  /** The reply that nothing has been said to yet. */
  get unanswered(): Extract<Note, { readonly kind: 'reply' }> | undefined {
    return this.#last;
  }

  get spent(): Spent {
    return this.#spent;
  }

  get repairs(): number {
    return this.#repairs;
  }
}
