/**
 * A transport with one client of 2026-07-28 at its end that listens: what it listens for is followed from here, and what
 * is said of tasks is translated. Everything else passes through.
 * 1. Messages keep their order, also while it is looked up what a client may listen for.
 * 2. What a stream follows ends with it: by the client's word, or with the connection.
 */
import {
  type JSONRPCMessage,
  type Server,
  SUBSCRIPTION_ID_META_KEY,
  type Transport,
} from '@modelcontextprotocol/server';
import { log } from '../../engine/host/log.ts';
import type { ResourceWatch } from '../resource-watch.ts';
import type { TaskSite } from '../tasks/serve-tasks.ts';
import { type ListenWish, listenWish, type Message } from './listen-wish.ts';
import { SharedFollows } from './shared-follows.ts';

/** As many as the SDK serves on one connection. */
const STREAMS_MAX = 1_024;
const LISTS = 'lists';

interface ListeningOptions extends TaskSite {
  readonly watch: ResourceWatch;
  /** Who serves the connection now. */
  server(): Server | undefined;
}

interface Stream {
  readonly wish: ListenWish;
  readonly follows: string[];
}

export class ListeningTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  readonly #inner: Transport;
  readonly #options: ListeningOptions;
  readonly #streams = new Map<unknown, Stream>();
  readonly #follows = new SharedFollows();
  readonly #closed = new AbortController();
  #before: Promise<void> | undefined;

  constructor(inner: Transport, options: ListeningOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#inner.onmessage = (message: JSONRPCMessage) => this.#receive(message);
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onclose = () => {
      this.#closed.abort();
      for (const id of [...this.#streams.keys()]) this.#end(id);
      this.onclose?.();
    };
    await this.#inner.start();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const said = message as unknown as Message;
    // an answer to the listening itself: it was refused, or is over
    if (said.method === undefined) this.#end(said.id);
    const meta = (said.params as { _meta?: Message } | undefined)?._meta;
    const stream = this.#streams.get(meta?.[SUBSCRIPTION_ID_META_KEY]);
    if (said.method === undefined || stream === undefined) return this.#inner.send(message);
    for (const each of await stream.wish.translate(said))
      await this.#inner.send(each as unknown as JSONRPCMessage);
  }

  #receive(message: JSONRPCMessage): void {
    const isListening = 'method' in message && message.method === 'subscriptions/listen';
    if (!isListening && this.#before === undefined) {
      this.#pass(message);
      return;
    }
    const turn = (this.#before ?? Promise.resolve())
      .then(() => (isListening ? this.#listen(message) : this.#pass(message)))
      .catch((error) => this.onerror?.(error as Error))
      .finally(() => {
        if (this.#before === turn) this.#before = undefined;
      });
    this.#before = turn;
  }

  #pass(message: JSONRPCMessage): void {
    if ('method' in message && message.method === 'notifications/cancelled')
      this.#end(message.params?.requestId);
    this.onmessage?.(message);
  }

  async #listen(message: JSONRPCMessage): Promise<void> {
    const { id } = message as { id?: string | number };
    try {
      const wish = await listenWish(this.#options, message, undefined, this.#closed.signal);
      if (wish?.ok === false) {
        const { code, message: text, data } = wish.error;
        const error = { code, message: text, data };
        return await this.#inner.send({ jsonrpc: '2.0', id, error } as JSONRPCMessage);
      }
      if (wish?.ok && id !== undefined && this.#hasRoomFor(id)) await this.#begin(id, wish.value);
      this.onmessage?.((wish?.ok ? wish.value.message : message) as unknown as JSONRPCMessage);
    } catch (err) {
      log.warn({ err }, 'a client cannot listen');
      this.onmessage?.(message);
    }
  }

  /** What is too much the SDK refuses. */
  #hasRoomFor(id: string | number): boolean {
    return this.#streams.size < STREAMS_MAX && !this.#streams.has(id);
  }

  async #begin(id: string | number, wish: ListenWish): Promise<void> {
    const stream: Stream = { wish, follows: [] };
    this.#streams.set(id, stream);
    const { watch } = this.#options;
    const { notifications } = wish.message.params as { notifications: Message };
    const asked = (notifications.resourceSubscriptions ?? []) as readonly string[];
    for (const uri of asked) {
      const updated = () => this.#tell((server) => server.sendResourceUpdated({ uri }));
      if (await this.#follows.add(uri, () => watch.follow(uri, updated))) stream.follows.push(uri);
    }
    if (notifications.promptsListChanged === true || notifications.resourcesListChanged === true) {
      // the SDK sorts which stream wants which
      const changed = () => {
        this.#tell((server) => server.sendPromptListChanged());
        this.#tell((server) => server.sendResourceListChanged());
      };
      await this.#follows.add(LISTS, () => watch.library.follow(changed));
      stream.follows.push(LISTS);
    }
    if (this.#closed.signal.aborted) this.#end(id);
  }

  #tell(say: (server: Server) => Promise<void>): void {
    const server = this.#options.server();
    if (server) say(server).catch((err) => log.debug({ err }, 'an update was not delivered'));
  }

  #end(id: unknown): void {
    for (const key of this.#streams.get(id)?.follows ?? []) this.#follows.drop(key);
    this.#streams.delete(id);
  }
}
