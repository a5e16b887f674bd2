/**
 * Where each object of a store lies: a hash table in plain memory, about 60 bytes an object.
 * Owns no file. A hash is evenly spread by itself: its first bytes choose the slot.
 */
import type { Packed } from './pack.ts';

/** Where an object lies: the pack's number is its reader's. */
export interface Place extends Omit<Packed, 'hash'> {
  readonly pack: number;
}

const HASH_BYTES = 32;
const FIELDS = 4;

export class ObjectIndex {
  count = 0;
  #hashes = Buffer.alloc(1024 * HASH_BYTES);
  #places = new Uint32Array(1024 * FIELDS);
  #slots = new Int32Array(2048).fill(-1);

  /** The place of the object whose hash is these bytes. */
  find(hash: Buffer): Place | undefined {
    const row = this.rowOf(hash);
    if (row < 0) return undefined;
    const [pack, offset, stored, size] = this.#places.subarray(row * FIELDS, (row + 1) * FIELDS);
    return { pack: pack!, offset: offset!, stored: stored!, size: size! };
  }

  has(hash: Buffer): boolean {
    return this.rowOf(hash) >= 0;
  }

  /** The object's number, counted from 0 in the order of `add`; -1 when it is not here. */
  rowOf(hash: Buffer): number {
    return this.#slots[this.#slotOf(hash)] as number;
  }

  /** The place that was told first stays. */
  add(pack: number, { hash, offset, stored, size }: Packed): void {
    const slot = this.#slotOf(hash);
    if (this.#slots[slot]! >= 0) return;
    const row = this.count++;
    this.#slots[slot] = row;
    this.#hashes.set(hash, row * HASH_BYTES);
    this.#places[row * FIELDS] = pack;
    this.#places[row * FIELDS + 1] = offset;
    this.#places[row * FIELDS + 2] = stored;
    this.#places[row * FIELDS + 3] = size;
    if (this.count * HASH_BYTES === this.#hashes.length) this.#grow();
  }

  /** The slot that holds the hash, or the free one where it belongs. */
  #slotOf(hash: Buffer): number {
    const mask = this.#slots.length - 1;
    let slot = hash.readUInt32LE(0) & mask;
    for (;;) {
      const at = this.#slots[slot]! * HASH_BYTES;
      if (at < 0 || hash.compare(this.#hashes, at, at + HASH_BYTES) === 0) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const hashes = Buffer.alloc(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const places = new Uint32Array(this.#places.length * 2);
    places.set(this.#places);
    this.#places = places;
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let row = 0; row < this.count; row += 1)
      this.#slots[this.#slotOf(hashes.subarray(row * HASH_BYTES, (row + 1) * HASH_BYTES))] = row;
  }
}
