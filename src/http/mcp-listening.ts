/**
 * What the streams of `subscriptions/listen` follow. The SDK serves the streams and sorts what each of them is told; this
 * says which resources anybody listens for, each once, however many listen.
 */
import type { Writable } from 'node:stream';
import { z } from 'zod';
import type { ResourceWatch } from '../mcp/resource-watch.ts';

/** Resources of one stream; the others of a longer list are not followed. */
const RESOURCES_MAX = 100;

/** Anything else is for the SDK to answer, or to refuse. */
const listen = z.object({
  method: z.literal('subscriptions/listen'),
  params: z.object({ notifications: z.object({ resourceSubscriptions: z.array(z.string()) }) }),
});

interface Followed {
  streams: number;
  readonly stop: () => void;
}

export class McpListening {
  readonly #watch: ResourceWatch;
  readonly #tell: (uri: string) => void;
  readonly #followed = new Map<string, Followed>();

  /** @param tell every stream that listens for the resource */
  constructor(watch: ResourceWatch, tell: (uri: string) => void) {
    this.#watch = watch;
    this.#tell = tell;
  }

  /** Follows what the message asks for, until its answer is over. What cannot be followed is left out. */
  async follow(message: unknown, answer: Writable): Promise<void> {
    const asked = listen.safeParse(message);
    if (!asked.success) return;
    const uris = [...new Set(asked.data.params.notifications.resourceSubscriptions)].slice(0, RESOURCES_MAX);
    const followed: string[] = [];
    answer.once('close', () => {
      for (const uri of followed.splice(0)) this.#drop(uri);
    });
    for (const uri of uris) {
      const known = this.#followed.get(uri);
      const stop = known?.stop ?? (await this.#watch.follow(uri, () => this.#tell(uri)));
      if (typeof stop === 'string') continue;
      this.#add(uri, stop);
      if (answer.destroyed) this.#drop(uri);
      else followed.push(uri);
    }
  }

  #add(uri: string, stop: () => void): void {
    const followed = this.#followed.get(uri);
    if (!followed) this.#followed.set(uri, { streams: 1, stop });
    else {
      followed.streams += 1;
      // two streams have begun at once
      if (followed.stop !== stop) stop();
    }
  }

  #drop(uri: string): void {
    const followed = this.#followed.get(uri);
    if (!followed) return;
    followed.streams -= 1;
    if (followed.streams > 0) return;
    this.#followed.delete(uri);
    followed.stop();
  }
}
