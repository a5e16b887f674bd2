/** A receiver of webhooks on a loopback port: keeps what came, and answers as it is told. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Delivered {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
  readonly json: any;
}

export interface Answer {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
}

export interface Receiver {
  readonly url: string;
  readonly got: Delivered[];
  /** For each request: what to answer; 204 unless said. */
  answer: (delivered: Delivered) => Answer | Promise<Answer>;
  close(): Promise<void>;
}

export async function webhookReceiver(): Promise<Receiver> {
  const got: Delivered[] = [];
  const receiver = { got, answer: (() => ({ status: 204 })) as Receiver['answer'] };
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', async () => {
      const path = request.url ?? '';
      const delivered = {
        headers: request.headers,
        path,
        text,
        json: text === '' ? undefined : JSON.parse(text),
      };
      got.push(delivered);
      const { status, headers = {} } = await receiver.answer(delivered);
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
