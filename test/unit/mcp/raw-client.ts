/** A 2026-07-28 client as bytes on the wire: what it sends is what a test says, and nothing is checked for it. */
import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/server';
import { serveConnection } from '../../../src/mcp/connection.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever is there
type Anything = any;

export interface RawAnswer {
  readonly result?: Anything;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Anything };
}

export const TASKS = 'io.modelcontextprotocol/tasks';

export const TAKES_TASKS = { extensions: { [TASKS]: {} }, elicitation: { form: {} } };

export interface RawClient {
  /** Sends a request; the envelope is added. */
  send(method: string, params?: object): Promise<RawAnswer>;
  notify(method: string, params: object): void;
  /** Notifications so far. */
  readonly told: { readonly method: string; readonly params: Anything }[];
  /** The first notification that fits, past or to come. */
  heard(fits: (method: string, params: Anything) => boolean): Promise<Anything>;
  /** The id of the next request. */
  nextId(): number;
}

type Served = Parameters<typeof serveConnection>[1];

export async function rawClient(served: Served, capabilities: object = TAKES_TASKS): Promise<RawClient> {
  const [clientSide, transport] = InMemoryTransport.createLinkedPair();
  const waiting = new Map<unknown, (answer: RawAnswer) => void>();
  const told: { method: string; params: Anything }[] = [];
  const ears = new Set<() => void>();
  clientSide.onmessage = (message) => {
    if ('id' in message) waiting.get(message.id)?.(message as RawAnswer);
    else told.push(message as (typeof told)[number]);
    for (const ear of ears) ear();
  };
  serveConnection(transport, served);
  await clientSide.start();
  let id = 0;
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  return {
    told,
    nextId: () => id + 1,
    send(method, params = {}) {
      id += 1;
      const answered = new Promise<RawAnswer>((resolve) => waiting.set(id, resolve));
      void clientSide.send({
        jsonrpc: '2.0',
        id,
        method,
        params: { ...params, _meta },
      } as unknown as JSONRPCMessage);
      return answered;
    },
    notify: (method, params) => void clientSide.send({ jsonrpc: '2.0', method, params } as JSONRPCMessage),
    heard: (fits) =>
      new Promise((resolve) => {
        const ear = () => {
          const found = told.find((each) => fits(each.method, each.params));
          if (!found) return;
          ears.delete(ear);
          resolve(found.params);
        };
        ears.add(ear);
        ear();
      }),
  };
}
