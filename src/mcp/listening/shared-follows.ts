/** What several streams follow, each thing once: it is begun with the first of them and stopped with the last. */

interface Followed {
  streams: number;
  readonly stop: () => void;
}

export class SharedFollows {
  readonly #followed = new Map<string, Followed>();

  /** @param begin a string says why it cannot be followed; then nothing is kept, and the answer is false */
  async add(key: string, begin: () => Promise<(() => void) | string> | (() => void)): Promise<boolean> {
    const stop = this.#followed.get(key)?.stop ?? (await begin());
    if (typeof stop === 'string') return false;
    const followed = this.#followed.get(key);
    if (!followed) this.#followed.set(key, { streams: 1, stop });
    else {
      followed.streams += 1;
      // two streams have begun at once
      if (followed.stop !== stop) stop();
    }
    return true;
  }

  drop(key: string): void {
    const followed = this.#followed.get(key);
    if (!followed) return;
    followed.streams -= 1;
    if (followed.streams > 0) return;
    this.#followed.delete(key);
    followed.stop();
  }
}
