/**
 * A model behind the Anthropic API (messages, streamed). Owns the wire format.
 * Neither asks again nor decides what becomes of a reply.
 * 1. No key and no profile that the SDK would look for on the host is used: only what it is given.
 */
import type { MessageParam, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { AGENT_REPLY_BYTES_MAX } from '../../engine/core/limits.ts';
import {
  argumentsOf,
  callId,
  estimatedUsage,
  type Message,
  type Model,
  ModelTrouble,
  type Reply,
  type ReplyRequest,
} from './model.ts';
import { modelTrouble } from './model-trouble.ts';

/** A type, not an interface, so that it counts as JSON. */
export type AnthropicEndpoint = {
  readonly baseUrl: string;
  readonly model: string;
  readonly key: string;
  readonly temperature?: number;
};

export function anthropicModel(endpoint: AnthropicEndpoint): Model {
  const { model } = endpoint;
  return {
    provider: 'anthropic',
    name: model,
    async reply(request, signal, hear) {
      const gathered = new Gathered();
      try {
        const client = await clientOf(endpoint);
        const stream = await client.messages.create(
          { ...bodyOf(endpoint, request), stream: true },
          { signal },
        );
        for await (const event of stream) {
          const text = gathered.take(event);
          if (text !== '') hear(text);
          if (gathered.bytes > AGENT_REPLY_BYTES_MAX) break;
        }
        signal.throwIfAborted();
        return gathered.reply(request);
      } catch (error) {
        throw modelTrouble(error, signal, gathered.isBegun);
      }
    },
  };
}

async function clientOf({ baseUrl, key }: AnthropicEndpoint) {
  const { Anthropic } = await import('@anthropic-ai/sdk');
  return new Anthropic({
    baseURL: baseUrl,
    // set as a header, which every release of the API takes, however the SDK would send it
    apiKey: key,
    defaultHeaders: { 'x-api-key': key, authorization: null },
    webhookKey: null,
    maxRetries: 0,
    logLevel: 'off',
    // a key goes where it was meant to go, or nowhere
    fetchOptions: { redirect: 'error' },
  });
}

function bodyOf({ model, temperature }: AnthropicEndpoint, request: ReplyRequest) {
  const { system, messages, tools, tokensMax } = request;
  return {
    model,
    system,
    max_tokens: tokensMax,
    messages: messages.map(wireMessage),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        name,
        description,
        input_schema: { type: 'object' as const, ...(parameters as { [key: string]: unknown }) },
      })),
    }),
    ...(temperature !== undefined && { temperature }),
  };
}

function wireMessage(message: Message, index: number): MessageParam {
  if (message.from === 'user') return { role: 'user', content: message.text };
  if (message.from === 'tools') {
    const content = message.results.map(({ text, isError }, at) => ({
      type: 'tool_result' as const,
      tool_use_id: callId(index - 1, at),
      content: text,
      ...(isError && { is_error: true }),
    }));
    return { role: 'user', content };
  }
  const { text, calls } = message;
  if (calls.length === 0) return { role: 'assistant', content: text.trim() === '' ? '(nothing)' : text };
  const used = calls.map((call, at) => ({
    type: 'tool_use' as const,
    id: callId(index, at),
    name: call.name,
    input: argumentsOf(call),
  }));
  // an empty block of text is refused
  const said = text.trim() === '' ? [] : [{ type: 'text' as const, text }];
  return { role: 'assistant', content: [...said, ...used] };
}

/** The pieces of a reply, put together. */
class Gathered {
  #text = '';
  readonly #calls = new Map<number, { readonly name: string; arguments: string }>();
  #inputTokens: number | undefined;
  #outputTokens: number | undefined;
  #stop: string | undefined;
  #isWhole = false;
  isBegun = false;
  bytes = 0;

  /** Gives the text that it adds. */
  take(event: RawMessageStreamEvent): string {
    this.isBegun = true;
    if (event.type === 'message_start') this.#takeUsage(event.message.usage);
    if (event.type === 'message_stop') this.#isWhole = true;
    if (event.type === 'message_delta') {
      this.#stop = event.delta.stop_reason ?? undefined;
      this.#outputTokens = event.usage?.output_tokens ?? this.#outputTokens;
    }
    if (event.type === 'content_block_start') return this.#takeBlock(event.index, event.content_block);
    if (event.type !== 'content_block_delta') return '';
    const { delta } = event;
    if (delta.type === 'text_delta') return this.#say(delta.text);
    if (delta.type === 'thinking_delta') this.bytes += Buffer.byteLength(delta.thinking);
    const call = this.#calls.get(event.index);
    if (delta.type === 'input_json_delta' && call) {
      call.arguments += delta.partial_json;
      this.bytes += Buffer.byteLength(delta.partial_json);
    }
    return '';
  }

  #takeBlock(
    index: number,
    block: Extract<RawMessageStreamEvent, { readonly type: 'content_block_start' }>['content_block'],
  ): string {
    if (block.type === 'tool_use') this.#calls.set(index, { name: block.name, arguments: '' });
    return block.type === 'text' ? this.#say(block.text) : '';
  }

  #say(text: string): string {
    this.#text += text;
    this.bytes += Buffer.byteLength(text);
    return text;
  }

  /** What was read from a cache was read all the same. */
  #takeUsage(usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly cache_creation_input_tokens?: number | null;
    readonly cache_read_input_tokens?: number | null;
  }): void {
    const { cache_creation_input_tokens: written, cache_read_input_tokens: read } = usage;
    this.#inputTokens = usage.input_tokens + (written ?? 0) + (read ?? 0);
    this.#outputTokens = usage.output_tokens;
  }

  reply(request: ReplyRequest): Reply {
    const isEndless = this.bytes > AGENT_REPLY_BYTES_MAX;
    if (!this.#isWhole && !isEndless) throw new ModelTrouble('cut', 'the reply ended in the middle');
    const isCut = isEndless || this.#stop === 'max_tokens' || this.#stop === 'model_context_window_exceeded';
    const guess = estimatedUsage(request, this.bytes);
    const isCounted = this.#inputTokens !== undefined && this.#outputTokens !== undefined && !isEndless;
    return {
      text: this.#text,
      calls: isEndless
        ? []
        : [...this.#calls.values()].map((call) => ({ ...call, arguments: call.arguments || '{}' })),
      usage: isCounted
        ? { input_tokens: this.#inputTokens as number, output_tokens: this.#outputTokens as number }
        : guess,
      end: this.#stop === 'refusal' ? 'declined' : isCut ? 'cut' : 'complete',
    };
  }
}
