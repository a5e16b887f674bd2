/**
 * A language model as the loop sees it: what is said to it, what it replies, and what may stand in its way.
 * Owns the shapes that both wire formats are translated to and from; speaks neither of them.
 */
import type { JsonObject } from '../../engine/core/model.ts';

/** A type, not an interface, so that it counts as JSON. */
export type ToolCall = {
  readonly name: string;
  /** As the model wrote it: JSON text of an object, if it kept to the rules. */
  readonly arguments: string;
};

export type Usage = {
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** The service did not say; counted from the length of the texts. */
  readonly estimated?: true;
};

export type Reply = {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly usage: Usage;
  /** `cut`: it had more to say than it was let. `declined`: it will not do this. */
  readonly end: 'complete' | 'cut' | 'declined';
};

export interface ToolResult {
  readonly text: string;
  readonly isError: boolean;
}

/** One thing that was said. A reply with calls is followed by one result for each of them. */
export type Message =
  | { readonly from: 'user'; readonly text: string }
  | { readonly from: 'model'; readonly text: string; readonly calls: readonly ToolCall[] }
  | { readonly from: 'tools'; readonly results: readonly ToolResult[] };

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly parameters: JsonObject;
}

export interface ReplyRequest {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSpec[];
  /** What the reply may have at most. */
  readonly tokensMax: number;
}

export interface Model {
  readonly provider: 'openai' | 'anthropic';
  readonly name: string;
  /**
   * @param hear is given the text as it comes
   * Rejects with a `ModelTrouble`, or with the reason of the signal.
   */
  reply(request: ReplyRequest, signal: AbortSignal, hear: (text: string) => void): Promise<Reply>;
}

/** Why there is no reply. */
export class ModelTrouble extends Error {
  /** `refused`: asking again is of no use. */
  readonly kind: 'unreachable' | 'busy' | 'cut' | 'refused';
  readonly retryAfterMs: number | undefined;

  constructor(kind: ModelTrouble['kind'], message: string, retryAfterMs?: number) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Ids of calls on the wire: our own, because some services repeat theirs. */
export const callId = (message: number, call: number): string => `call_${message}_${call}`;

/** The arguments where they are an object; else an empty one, and the result says what was wrong. */
export function argumentsOf(call: ToolCall): JsonObject {
  try {
    const value: unknown = JSON.parse(call.arguments);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : {};
  } catch {
    return {};
  }
}

/** Characters that make a token, roughly; for services that do not count. */
const TOKEN_CHARS = 4;

export function estimatedUsage(request: ReplyRequest, said: number): Usage {
  const heard = JSON.stringify(request.messages).length + request.system.length;
  return {
    input_tokens: Math.ceil(heard / TOKEN_CHARS),
    output_tokens: Math.ceil(said / TOKEN_CHARS),
    estimated: true,
  };
}
