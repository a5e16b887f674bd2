/** The odd server behind a real web server, where a test may answer in its place. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { web } from '../http/web.ts';
import { type Oddities, oddServer } from './odd-server.ts';

export interface OddSite {
  /** Answers a request in place of the server where it returns true. */
  readonly first?: (request: IncomingMessage, response: ServerResponse, body: string) => boolean;
  readonly legacy?: 'stateless' | 'reject';
  readonly oddities?: Oddities;
}

export async function oddSite({
  first = () => false,
  legacy = 'stateless',
  oddities = { description: 'Greets somebody' },
}: OddSite = {}) {
  const handler = createMcpHandler(oddServer(oddities), { legacy });
  const listener: RequestListener = (request, response) => {
    const { body = '' } = site.seen.at(-1) ?? {};
    if (first(request, response, body)) return;
    const headers = Object.entries(request.headers).map(
      ([name, value]) => [name, String(value)] as [string, string],
    );
    const init = { method: request.method as string, headers, ...(body !== '' && { body }) };
    void handler.fetch(new Request(`http://127.0.0.1${request.url}`, init)).then((answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body) Readable.fromWeb(answer.body as ReadableStream).pipe(response);
      else response.end();
    });
  };
  const site = await web(listener);
  return { url: `${site.origin}/mcp`, seen: site.seen };
}
