/**
 * A model behind an OpenAI-compatible endpoint (chat completions, streamed): the service itself, Ollama, llama.cpp, vLLM.
 * Owns the wire format. Neither asks again nor decides what becomes of a reply.
 * 1. Nothing that the SDK would read from the environment of the host goes out: no key, no organisation, no header.
 */
import type { ChatCompletionChunk, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { AGENT_REPLY_BYTES_MAX, AGENT_REPLY_TOKENS_MAX } from '../../engine/core/limits.ts';
import {
  argumentsOf,
  callId,
  estimatedUsage,
  type Message,
  type Model,
  ModelTrouble,
  type Reply,
  type ReplyRequest,
  type Usage,
} from './model.ts';
import { modelTrouble } from './model-trouble.ts';

/** A type, not an interface, so that it counts as JSON. */
export type OpenaiEndpoint = {
  readonly baseUrl: string;
  readonly model: string;
  readonly key?: string;
  readonly temperature?: number;
};

export function openaiModel(endpoint: OpenaiEndpoint): Model {
  const { model } = endpoint;
  return {
    provider: 'openai',
    name: model,
    async reply(request, signal, hear) {
      const gathered = new Gathered();
      try {
        const stream = await (await clientOf(endpoint)).chat.completions.create(
          { ...bodyOf(endpoint, request), stream: true, stream_options: { include_usage: true } },
          { signal },
        );
        for await (const chunk of stream) {
          const text = gathered.take(chunk);
          if (text !== '') hear(text);
          if (gathered.bytes > AGENT_REPLY_BYTES_MAX) break;
        }
        signal.throwIfAborted();
        return gathered.reply(request);
      } catch (error) {
        throw modelTrouble(error, signal, gathered.bytes > 0);
      }
    },
  };
}

async function clientOf({ baseUrl, key }: OpenaiEndpoint) {
  const { OpenAI } = await import('openai');
  return new OpenAI({
    baseURL: baseUrl,
    // without one it is not even made; the header is left out then
    apiKey: key ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    ...(key === undefined && { defaultHeaders: { authorization: null } }),
    maxRetries: 0,
    logLevel: 'off',
    // a key goes where it was meant to go, or nowhere
    fetchOptions: { redirect: 'error' },
  });
}

function bodyOf({ baseUrl, model, temperature }: OpenaiEndpoint, request: ReplyRequest) {
  const { system, messages, tools, tokensMax } = request;
  const isOwn = new URL(baseUrl).hostname.endsWith('.openai.com');
  return {
    model,
    messages: [{ role: 'system' as const, content: system }, ...messages.flatMap(wireMessages)],
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: 'function' as const,
        function: { name, description, parameters: parameters as { [key: string]: unknown } },
      })),
    }),
    ...(temperature !== undefined && { temperature }),
    // left out where it would say nothing: a local server may refuse more than its context has room for;
    // the newer name is refused by older servers, the older one by newer models
    ...(tokensMax < AGENT_REPLY_TOKENS_MAX &&
      (isOwn ? { max_completion_tokens: tokensMax } : { max_tokens: tokensMax })),
  };
}

function wireMessages(message: Message, index: number): readonly ChatCompletionMessageParam[] {
  if (message.from === 'user') return [{ role: 'user', content: message.text }];
  if (message.from === 'tools') {
    return message.results.map(({ text }, at) => ({
      role: 'tool',
      tool_call_id: callId(index - 1, at),
      content: text,
    }));
  }
  const { text, calls } = message;
  if (calls.length === 0) return [{ role: 'assistant', content: text === '' ? '(nothing)' : text }];
  const tool_calls = calls.map((call, at) => ({
    id: callId(index, at),
    type: 'function' as const,
    function: { name: call.name, arguments: JSON.stringify(argumentsOf(call)) },
  }));
  return [{ role: 'assistant', content: text === '' ? null : text, tool_calls }];
}

/** What some local models think aloud before they answer. */
const THOUGHT = /^\s*<think>[\s\S]*?<\/think>\s*/;

/** Thoughts that are sent apart are not kept, and have no end either where a model does not stop. */
function thoughtBytes(delta: object | undefined): number {
  const { reasoning_content: one, reasoning: other } = (delta ?? {}) as { readonly [field: string]: unknown };
  return [one, other].reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0);
}

/** The pieces of a reply, put together. */
class Gathered {
  #text = '';
  readonly #calls: { name: string; arguments: string }[] = [];
  readonly #byWire = new Map<string, { name: string; arguments: string }>();
  #finish: string | undefined;
  #usage: Usage | undefined;
  bytes = 0;

  /** Gives the text that it adds. */
  take(chunk: ChatCompletionChunk): string {
    const { choices, usage } = chunk;
    if (usage) this.#usage = { input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens };
    const [choice] = choices ?? [];
    if (!choice) return '';
    this.#finish = choice.finish_reason ?? this.#finish;
    const { content, refusal, tool_calls } = choice.delta ?? {};
    for (const piece of tool_calls ?? []) this.#takeCall(piece);
    const text = `${content ?? ''}${refusal ?? ''}`;
    if (refusal) this.#finish = 'content_filter';
    this.#text += text;
    this.bytes += Buffer.byteLength(text) + thoughtBytes(choice.delta);
    return text;
  }

  /** Some servers number all calls 0 and send each whole, with an id of its own. */
  #takeCall(piece: NonNullable<ChatCompletionChunk.Choice.Delta['tool_calls']>[number]): void {
    const { index, id, function: called } = piece;
    const place = `${index ?? 0}`;
    const known = this.#byWire.get(place);
    const isNew = !known || (id && called?.name && this.#byWire.get(`id ${id}`) !== known);
    const call = isNew ? { name: '', arguments: '' } : known;
    if (isNew) {
      this.#calls.push(call);
      this.#byWire.set(place, call);
      if (id) this.#byWire.set(`id ${id}`, call);
    }
    call.name += called?.name ?? '';
    call.arguments += called?.arguments ?? '';
    this.bytes += Buffer.byteLength(`${called?.name ?? ''}${called?.arguments ?? ''}`);
  }

  reply(request: ReplyRequest): Reply {
    const isEndless = this.bytes > AGENT_REPLY_BYTES_MAX;
    if (this.#finish === undefined && !isEndless)
      throw new ModelTrouble('cut', 'the reply ended in the middle');
    const end = isEndless || this.#finish === 'length' ? 'cut' : 'complete';
    return {
      text: this.#text.replace(THOUGHT, ''),
      calls: isEndless ? [] : this.#calls.map((call) => ({ ...call, arguments: call.arguments || '{}' })),
      usage: this.#usage ?? estimatedUsage(request, this.bytes),
      end: this.#finish === 'content_filter' ? 'declined' : end,
    };
  }
}
