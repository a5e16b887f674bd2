/**
 * Lists of whole numbers in one array, each in a block of one of a few sizes; a block that is given back is used again.
 * A hundred thousand short lists cost no object each.
 */
const BLOCKS_MIN = 256;
const GROWTH = 1.5;

export class NumberBlocks {
  readonly #sizes: readonly number[];
  /** By size: where the free blocks begin. */
  readonly #free: readonly number[][];
  #numbers = new Uint32Array(BLOCKS_MIN);
  #end = 0;

  /** `sizes`: ascending; the last one is the most that a list can hold. */
  constructor(sizes: readonly number[]) {
    this.#sizes = sizes;
    this.#free = sizes.map(() => []);
  }

  /** All blocks; to be asked for anew after each `take`. */
  get numbers(): Uint32Array {
    return this.#numbers;
  }

  /** Makes room for so many numbers at once. */
  reserve(numbers: number): void {
    if (numbers > this.#numbers.length) this.#grow(numbers);
  }

  /** Where a block for a list of that length begins; what is in it is of no meaning. */
  take(length: number): number {
    const kind = this.#kindOf(length);
    const free = this.#free[kind]?.pop();
    if (free !== undefined) return free;
    const from = this.#end;
    this.#end += this.#sizes[kind] as number;
    if (this.#end > this.#numbers.length) this.#grow(this.#numbers.length * GROWTH);
    return from;
  }

  /** Gives back the block that was taken for a list of that length. */
  release(from: number, length: number): void {
    this.#free[this.#kindOf(length)]?.push(from);
  }

  /** Where the list is when it becomes that long: its first numbers stay. */
  fit(from: number, length: number, wanted: number): number {
    if (this.#kindOf(length) === this.#kindOf(wanted)) return from;
    const to = this.take(wanted);
    this.#numbers.copyWithin(to, from, from + Math.min(length, wanted));
    this.release(from, length);
    return to;
  }

  #kindOf(length: number): number {
    let kind = 0;
    while ((this.#sizes[kind] as number) < length) kind += 1;
    return kind;
  }

  #grow(length: number): void {
    const larger = new Uint32Array(Math.ceil(Math.max(this.#end, length)));
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}
