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

  /** Oldest generation first, so that `restore` in this order gives the same map. */
  entries(): readonly (readonly [K, V])[] {
    return [...this.#old, ...this.#young];
  }
}
