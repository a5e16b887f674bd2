/**
 * What was sent to 2025-era MCP clients of late: one whose connection broke comes back and gets the rest of its stream, the
 * answer of its call too. Bounded over all sessions: the oldest goes first, and who comes back too late is told so.
 */
import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

const EVENTS_MAX = 10_000;

interface Sent {
  /** Whose it is; nobody else gets it. */
  readonly session: symbol;
  readonly stream: string;
  readonly message: JSONRPCMessage;
  readonly bytes: number;
}

export class McpReplay {
  readonly #bytesMax: number;
  /** In the order in which they were sent. */
  readonly #sent = new Map<string, Sent>();
  #bytes = 0;
  #count = 0;

  /** @param bytesMax of messages as JSON, over all sessions */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** For the transport of one session. */
  session(): EventStore {
    const session = Symbol();
    return {
      storeEvent: async (stream, message) => this.#keep(session, stream, message),
      getStreamIdForEventId: async (id) => this.#of(session, id)?.stream,
      replayEventsAfter: async (id, { send }) => {
        const last = this.#of(session, id);
        if (!last) throw new Error(`event ${id} is not kept`);
        for (const [each, message] of this.#after(id, last)) await send(each, message);
        return last.stream;
      },
    };
  }

  #of(session: symbol, id: string): Sent | undefined {
    const sent = this.#sent.get(id);
    return sent?.session === session ? sent : undefined;
  }

  /** A list, since more may be sent while these are on their way. */
  #after(id: string, { session, stream }: Sent): readonly (readonly [string, JSONRPCMessage])[] {
    const all = [...this.#sent];
    return all
      .slice(all.findIndex(([each]) => each === id) + 1)
      .filter(([, sent]) => sent.session === session && sent.stream === stream)
      .map(([each, { message }]) => [each, message]);
  }

  #keep(session: symbol, stream: string, message: JSONRPCMessage): string {
    this.#count += 1;
    const id = String(this.#count);
    const bytes = JSON.stringify(message).length;
    this.#sent.set(id, { session, stream, message, bytes });
    this.#bytes += bytes;
    for (const [oldest, sent] of this.#sent) {
      if (this.#bytes <= this.#bytesMax && this.#sent.size <= EVENTS_MAX) break;
      this.#sent.delete(oldest);
      this.#bytes -= sent.bytes;
    }
    return id;
  }
}
