/**
 * Finds the slot of a 32-bit key: open addressing with linear probing in one flat array, so that it costs nothing
 * to collect and little to copy. Key 0 is no key.
 */
const LOAD_MAX = 0.5;

export class KeyIndex {
  #mask: number;
  #size = 0;
  #keys: Uint32Array;
  #slots: Int32Array;

  constructor(entries = 8) {
    const length = 2 ** Math.ceil(Math.log2(Math.max(8, entries / LOAD_MAX)));
    this.#mask = length - 1;
    this.#keys = new Uint32Array(length);
    this.#slots = new Int32Array(length);
  }

  /** The slot of the key, -1 where there is none. */
  get(key: number): number {
    const at = this.#at(key);
    return this.#keys[at] === key ? (this.#slots[at] as number) : -1;
  }

  /** False where the key had a slot before. */
  set(key: number, slot: number): boolean {
    if (this.#size >= this.#keys.length * LOAD_MAX) this.#grow();
    const at = this.#at(key);
    const isNew = this.#keys[at] !== key;
    if (isNew) this.#size += 1;
    this.#keys[at] = key;
    this.#slots[at] = slot;
    return isNew;
  }

  /** Closes the gap, so that no search ends too early. */
  delete(key: number): void {
    let gap = this.#at(key);
    if (this.#keys[gap] !== key) return;
    this.#size -= 1;
    for (let at = (gap + 1) & this.#mask; this.#keys[at] !== 0; at = (at + 1) & this.#mask) {
      const home = homeOf(this.#keys[at] as number) & this.#mask;
      if (((at - home) & this.#mask) < ((at - gap) & this.#mask)) continue;
      this.#keys[gap] = this.#keys[at] as number;
      this.#slots[gap] = this.#slots[at] as number;
      gap = at;
    }
    this.#keys[gap] = 0;
  }

  /** Where the key is, else where it would be put. */
  #at(key: number): number {
    let at = homeOf(key) & this.#mask;
    while (this.#keys[at] !== 0 && this.#keys[at] !== key) at = (at + 1) & this.#mask;
    return at;
  }

  #grow(): void {
    const larger = new KeyIndex(this.#keys.length);
    for (const [at, key] of this.#keys.entries()) if (key !== 0) larger.set(key, this.#slots[at] as number);
    this.#mask = larger.#mask;
    this.#keys = larger.#keys;
    this.#slots = larger.#slots;
  }
}

/** Keys are hashes already; their high bits count too. */
const homeOf = (key: number): number => key ^ (key >>> 16);
