/** The names of a tree's rows behind each other in one buffer: half a million strings would weigh five times as much. */
export class NameTable {
  #bytes: Buffer = Buffer.alloc(16 * 1024);
  /** Where each name ends. */
  #ends = new Uint32Array(1024);
  #count = 0;

  /** A byte string, as the next row's name. */
  add(name: string): void {
    const start = this.#end(this.#count - 1);
    const end = start + name.length;
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, Buffer.alloc(2 * end));
    if (this.#count === this.#ends.length)
      this.#ends = grown(this.#ends, new Uint32Array(2 * this.#count + 1024));
    this.#bytes.write(name, start, 'latin1');
    this.#ends[this.#count++] = end;
  }

  at(row: number): string {
    return this.#bytes.toString('latin1', this.#end(row - 1), this.#end(row));
  }

  /** As sections that must be used before a name is added. */
  encode(): readonly Uint8Array[] {
    const ends = this.#ends.subarray(0, this.#count);
    const bytes = this.#bytes.subarray(0, this.#end(this.#count - 1));
    return [new Uint8Array(ends.buffer, ends.byteOffset, ends.byteLength), bytes];
  }

  /** The table whose sections `next` gives, in the order of `encode`. */
  static decode(next: () => Buffer): NameTable {
    const table = new NameTable();
    const ends = next();
    table.#count = ends.length / 4;
    table.#ends = new Uint32Array(table.#count);
    new Uint8Array(table.#ends.buffer).set(ends);
    table.#bytes = next();
    return table;
  }

  #end(row: number): number {
    return row < 0 ? 0 : (this.#ends[row] as number);
  }
}

function grown<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
