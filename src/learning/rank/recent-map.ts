/**
 * A map that forgets what was not used for long: two generations, the older dropped when the younger is full.
 * Holds at most `entriesMax` entries; every act is constant time on average.
 */
export interface RecentMapState<K, S> {
  readonly old: readonly (readonly [K, S])[];
  readonly young: readonly (readonly [K, S])[];
}

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

  /** Both generations as plain data, each value as `save` shapes it. */
  snapshot<S>(save: (value: V) => S): RecentMapState<K, S> {
    const saved = (map: Map<K, V>): (readonly [K, S])[] => [...map].map(([key, value]) => [key, save(value)]);
    return { old: saved(this.#old), young: saved(this.#young) };
  }

  /** Becomes the map the snapshot was taken of, given the same bound. */
  restore<S>({ old, young }: RecentMapState<K, S>, load: (value: S) => V): void {
    const loaded = (entries: readonly (readonly [K, S])[]): Map<K, V> =>
      new Map(entries.map(([key, value]) => [key, load(value)]));
    this.#old = loaded(old);
    this.#young = loaded(young);
  }
}
