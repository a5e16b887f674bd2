/** Reads Server-Sent Events over a real connection, as a browser would: ids, types, data, and where it was last. */
import { request as httpRequest, type IncomingMessage } from 'node:http';

export interface Seen {
  readonly id: number;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
  readonly data: any;
}

export interface EventReader {
  readonly response: IncomingMessage;
  readonly seen: Seen[];
  /** Of the last block that had one, with data or without. */
  readonly lastId: number;
  /** Resolves when `holds` is true of one of the events. */
  until(holds: (event: Seen) => boolean): Promise<Seen>;
  /** Resolves when the server or the reader has ended it. */
  readonly ended: Promise<void>;
  leave(): void;
}

export function readEvents(url: string, headers: { [name: string]: string } = {}): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers, agent: false }, (response) => {
      const seen: Seen[] = [];
      let lastId = 0;
      let text = '';
      const lookers = new Set<() => void>();
      response.setEncoding('utf8').on('data', (piece: string) => {
        const blocks = (text + piece).split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const fields = Object.fromEntries(
            block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)),
          );
          if (fields.id !== undefined) lastId = Number(fields.id);
          if (fields.data !== undefined)
            seen.push({ id: lastId, event: fields.event, data: JSON.parse(fields.data) });
        }
        for (const look of lookers) look();
      });
      response.on('error', () => {});
      const ended = new Promise<void>((done) => response.on('close', done));
      const until = (holds: (event: Seen) => boolean) =>
        new Promise<Seen>((done) => {
          const look = () => {
            const found = seen.find(holds);
            if (found) done(found);
          };
          lookers.add(look);
          look();
        });
      resolve({
        response,
        seen,
        get lastId() {
          return lastId;
        },
        until,
        ended,
        leave: () => request.destroy(),
      });
    });
    request.on('error', reject);
    request.end();
  });
}
