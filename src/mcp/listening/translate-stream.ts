/** The answer to `subscriptions/listen` over HTTP, each message of its event stream translated by the wish behind it. */
import type { ListenWish, Message } from './listen-wish.ts';

const DATA = /^data: (.*)$/m;

/** Any other answer stays as it is: it is an error. */
export function translateStream(answer: Response, wish: ListenWish): Response {
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
  if (!isStream || answer.body === null) return answer;
  let rest = '';
  const frames = new TransformStream<string, string>({
    async transform(piece, out) {
      const parts = `${rest}${piece}`.split('\n\n');
      rest = parts.pop() ?? '';
      for (const frame of parts) for (const each of await translated(frame, wish)) out.enqueue(each);
    },
  });
  const body = answer.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(frames)
    .pipeThrough(new TextEncoderStream());
  return new Response(body, { status: answer.status, headers: answer.headers });
}

async function translated(frame: string, wish: ListenWish): Promise<readonly string[]> {
  const [, data] = DATA.exec(frame) ?? [];
  if (data === undefined) return [`${frame}\n\n`];
  const said = await wish.translate(JSON.parse(data) as Message);
  return said.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`);
}
