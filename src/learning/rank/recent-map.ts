/**
 * A map that forgets what was not used for long: two generations, the older dropped when the younger is full.
 * Holds at most `entriesMax` entries; every act is constant time on average.
 */
import { must, mustCount } from '../state-check.ts';

/** Keys and values side by side, the older generation's first: so they are copied fastest. */
export interface RecentMapState<K, S> {
  readonly keys: ArrayLike<K>;
  readonly values: ArrayLike<S>;
  /** How many of them are the older generation's. */
  readonly old: number;
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
  snapshot<S>(save: (value: V) => S): RecentMapState<K, S> & { readonly keys: K[]; readonly values: S[] } {
    const keys = [...this.#old.keys(), ...this.#young.keys()];
    const values: S[] = [];
    for (const generation of [this.#old, this.#young])
      for (const value of generation.values()) values.push(save(value));
    return { keys, values, old: this.#old.size };
  }

  /** Becomes the map the snapshot was taken of, given the same bound. `load` is called in the order of the keys. */
  restore<S>(state: RecentMapState<K, S>, load: (value: S, key: K) => V): void {
    const { keys, values, old } = state;
    const each = this.#generationMax;
    must(keys.length === values.length && keys.length <= 2 * each, 'as many values as keys');
    mustCount(old, Math.min(each, keys.length), 'an older generation');
    must(keys.length - old < each, 'a younger generation that has room');
    const generations = [new Map<K, V>(), new Map<K, V>()] as const;
    for (let i = 0; i < keys.length; i += 1) {
      const key = keys[i] as K;
      const value = load(values[i] as S, key);
      must(typeof key === 'string' || Number.isFinite(key), 'keys');
      must(value !== undefined && !generations[0].has(key), 'each key once, with a value');
      generations[i < old ? 0 : 1].set(key, value);
    }
    must(generations[0].size + generations[1].size === keys.length, 'each key once');
    [this.#old, this.#young] = generations;
  }
}
