/**
 * `subscriptions/listen` over HTTP: the SDK serves the streams and sorts what each of them is told; this says what anybody
 * listens for, each thing once however many listen, and translates what is said of tasks.
 */
import type { Writable } from 'node:stream';
import type { AuthInfo, McpHttpHandler } from '@modelcontextprotocol/server';
import type { Access } from '../../tools/access.ts';
import type { ResourceWatch } from '../resource-watch.ts';
import type { TaskSite } from '../tasks/serve-tasks.ts';
import { type ListenWish, listenWish, type Message } from './listen-wish.ts';
import { SharedFollows } from './shared-follows.ts';
import { translateStream } from './translate-stream.ts';

const LISTS = 'lists';

export interface HttpListeningOptions extends TaskSite {
  readonly watch: ResourceWatch;
}

interface ListenRequest {
  readonly request: Request;
  readonly message: unknown;
  /** Closes when the answer has been sent or its client has left. */
  readonly answer: Writable;
  readonly authInfo: AuthInfo | undefined;
  readonly access: Access | undefined;
}

export class HttpListening {
  readonly #handler: McpHttpHandler;
  readonly #options: HttpListeningOptions;
  readonly #follows = new SharedFollows();

  /** @param handler serves every request of 2026-07-28, also those that are no listening */
  constructor(handler: McpHttpHandler, options: HttpListeningOptions) {
    this.#handler = handler;
    this.#options = options;
  }

  async fetch({ request, message, answer, authInfo, access }: ListenRequest): Promise<Response> {
    const options = { ...(authInfo && { authInfo }) };
    const wish = await listenWish(this.#options, message, access, request.signal);
    if (wish === undefined) return this.#handler.fetch(request, { ...options, parsedBody: message });
    if (!wish.ok) return refusal(message, wish.error);
    await this.#follow(wish.value, answer);
    const streamed = await this.#handler.fetch(request, { ...options, parsedBody: wish.value.message });
    return translateStream(streamed, wish.value);
  }

  /** Follows what the message asks for, until its answer is over. What cannot be followed is left out. */
  async #follow({ message }: ListenWish, answer: Writable): Promise<void> {
    const { watch } = this.#options;
    const { notify } = this.#handler;
    const followed: string[] = [];
    const dropAll = () => {
      for (const key of followed.splice(0)) this.#follows.drop(key);
    };
    answer.once('close', dropAll);
    const { notifications } = message.params as { notifications: Message };
    const uris = (notifications.resourceSubscriptions ?? []) as readonly string[];
    for (const uri of uris) {
      const begin = () => watch.follow(uri, () => notify.resourceUpdated(uri));
      if (await this.#follows.add(uri, begin)) followed.push(uri);
    }
    if (notifications.promptsListChanged === true || notifications.resourcesListChanged === true) {
      const changed = () => {
        notify.promptsChanged();
        notify.resourcesChanged();
      };
      await this.#follows.add(LISTS, () => watch.library.follow(changed));
      followed.push(LISTS);
    }
    if (answer.destroyed) dropAll();
  }
}

function refusal(message: unknown, error: { code: number; message: string; data?: unknown }): Response {
  const { id = null } = message as { id?: string | number };
  const { code, message: text, data } = error;
  return Response.json({ jsonrpc: '2.0', id, error: { code, message: text, data } }, { status: 400 });
}
