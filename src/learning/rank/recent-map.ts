/**
 * A map that forgets what was not used for long: two generations, the older dropped when the younger is full.
 * Holds at most `entriesMax` entries; every act is constant time on average.
 */
export class RecentMap<K, V> {
  readonly #generationMax: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(entriesMax: number) {
    this.#generationMax = Math.max(1, Math.floor(entriesMax / 2));
  }

  /** The value, which counts as a use. */
  get(key: K): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: K, value: V): void {
    this.#young.set(key, value);
    this.#old.delete(key);
    if (this.#young.size < this.#generationMax) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** The value there, else `make`'s, which then stays. */
  take(key: K, make: () => V): V {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.set(key, made);
    return made;
  }

  /** Longest unused first: setting them in this order in an empty map keeps all of them. */
  entries(): readonly (readonly [K, V])[] {
    return [...this.#old, ...this.#young];
  }
}
