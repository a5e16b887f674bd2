/**
 * A scripted model on loopback that speaks the wire formats of both APIs, streamed as the real ones stream.
 * Each request takes the next part of the script; the last one is taken for ever.
 */
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look into, as it came over the wire
  readonly body: any;
}

export type Part = (response: ServerResponse, request: SeenRequest) => void;

export interface ModelServer {
  readonly origin: string;
  readonly seen: readonly SeenRequest[];
}

export async function modelServer(...script: readonly Part[]): Promise<ModelServer> {
  const seen: SeenRequest[] = [];
  const server = http.createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      const one = { path: request.url!, headers: request.headers, body: JSON.parse(text) };
      seen.push(one);
      script[Math.min(seen.length, script.length) - 1]!(response, one);
    });
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

export interface Scripted {
  readonly text?: string;
  /** Name and arguments; text is sent as it stands. */
  readonly calls?: readonly (readonly [string, unknown])[];
  readonly usage?: readonly [number, number] | 'unsaid';
  readonly end?: 'length' | 'refused';
  /** The connection ends after this many pieces. */
  readonly cutAfter?: number;
}

const written = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
/** As a service cuts its text: anywhere. */
const pieces = (text: string): readonly string[] => text.match(/[\s\S]{1,7}/g) ?? [];

function stream(response: ServerResponse, events: readonly string[], cutAfter = events.length): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events.slice(0, cutAfter)) response.write(event);
  if (cutAfter < events.length) setImmediate(() => response.destroy());
  else response.end();
}

/** Chat completions. */
export const openai =
  ({ text = '', calls = [], usage = [10, 5], end, cutAfter }: Scripted): Part =>
  (response) => {
    const chunk = (delta: object, finish_reason: string | null = null) =>
      `data: ${JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'm',
        choices: [{ index: 0, delta, finish_reason }],
      })}\n\n`;
    const call = (index: number, piece: object) => chunk({ tool_calls: [{ index, ...piece }] });
    const finish =
      { length: 'length', refused: 'content_filter' }[end!] ?? (calls.length ? 'tool_calls' : 'stop');
    const counted = {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      choices: [],
      usage: { prompt_tokens: usage[0], completion_tokens: usage[1], total_tokens: 0 },
    };
    stream(
      response,
      [
        chunk({ role: 'assistant', content: '' }),
        ...pieces(text).map((content) => chunk({ content })),
        ...calls.flatMap(([name, given], index) => [
          call(index, { id: `c${index}`, type: 'function', function: { name, arguments: '' } }),
          ...pieces(written(given)).map((piece) => call(index, { function: { arguments: piece } })),
        ]),
        chunk({}, finish),
        ...(usage === 'unsaid' ? [] : [`data: ${JSON.stringify(counted)}\n\n`]),
        'data: [DONE]\n\n',
      ],
      cutAfter,
    );
  };

/** Messages. */
export const anthropic =
  ({ text = '', calls = [], usage = [10, 5], end, cutAfter }: Scripted): Part =>
  (response) => {
    const event = (data: { readonly type: string; readonly [field: string]: unknown }) =>
      `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
    const block = (index: number, content_block: object, deltas: readonly object[]) => [
      event({ type: 'content_block_start', index, content_block }),
      ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
      event({ type: 'content_block_stop', index }),
    ];
    const stop_reason =
      { length: 'max_tokens', refused: 'refusal' }[end!] ?? (calls.length ? 'tool_use' : 'end_turn');
    const said = pieces(text).map((piece) => ({ type: 'text_delta', text: piece }));
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: usage[0], output_tokens: 1, cache_read_input_tokens: 2 },
    };
    stream(
      response,
      [
        event({ type: 'message_start', message }),
        event({ type: 'ping' }),
        ...(text === '' ? [] : block(0, { type: 'text', text: '' }, said)),
        ...calls.flatMap(([name, given], index) =>
          block(
            index + 1,
            { type: 'tool_use', id: `toolu_${index}`, name, input: {} },
            pieces(written(given)).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
          ),
        ),
        event({
          type: 'message_delta',
          delta: { stop_reason, stop_sequence: null },
          usage: { output_tokens: usage[1] },
        }),
        event({ type: 'message_stop' }),
      ],
      cutAfter,
    );
  };

/** An error in the form of both. */
export const status =
  (code: number, headers: { readonly [name: string]: string } = {}, message = 'not now'): Part =>
  (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ type: 'error', error: { type: 'some_error', message } }));
  };

/** Begins to answer, and then says in the stream that it cannot; both say it in their own way. */
export const overloaded: Part = (response, request) => {
  const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  const name = request.path.endsWith('/messages') ? 'event: error\n' : '';
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(`${name}data: ${JSON.stringify(error)}\n\n`);
};

/** Says nothing, for ever. */
export const silence: Part = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': nothing\n\n');
};
