/**
 * The numbers of a tree's rows as arrays, one for each field, and the hashes behind each other. Owns growth and the bytes
 * that are stored; what the numbers mean is the tree's.
 */

const COLUMNS = {
  size: Float64Array,
  device: Float64Array,
  inode: Float64Array,
  mtimeSec: Float64Array,
  ctimeSec: Float64Array,
  mtimeNsec: Uint32Array,
  ctimeNsec: Uint32Array,
  uid: Uint32Array,
  gid: Uint32Array,
  links: Uint32Array,
  parent: Int32Array,
  first: Uint32Array,
  count: Uint32Array,
  mode: Uint16Array,
  flags: Uint8Array,
} as const;
type Name = keyof typeof COLUMNS;
type Arrays = { [Column in Name]: InstanceType<(typeof COLUMNS)[Column]> };
const NAMES = Object.keys(COLUMNS) as Name[];
const HASH_BYTES = 32;

export class TreeColumns {
  /** Replaced when the columns grow: not to be kept while rows are added. */
  of: Arrays;
  #hashes: Buffer;
  #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.of = arraysOf(capacity);
    this.#hashes = Buffer.alloc(capacity * HASH_BYTES);
  }

  /** Room for one row more than `rows`. */
  reserve(rows: number): void {
    if (rows < this.#capacity) return;
    this.#capacity = Math.max(2 * this.#capacity, 64);
    const { of, hashes } = { of: this.of, hashes: this.#hashes };
    this.of = arraysOf(this.#capacity);
    for (const name of NAMES) this.of[name].set(of[name]);
    this.#hashes = Buffer.alloc(this.#capacity * HASH_BYTES);
    this.#hashes.set(hashes);
  }

  hash(row: number): Buffer {
    return this.#hashes.subarray(row * HASH_BYTES, (row + 1) * HASH_BYTES);
  }

  /** All that says something of the file, and not of its place in the tree. Written out: it runs for every file of a scan. */
  copy(row: number, from: TreeColumns, source: number): void {
    const [to, of] = [this.of, from.of];
    to.size[row] = of.size[source]!;
    to.device[row] = of.device[source]!;
    to.inode[row] = of.inode[source]!;
    to.mtimeSec[row] = of.mtimeSec[source]!;
    to.ctimeSec[row] = of.ctimeSec[source]!;
    to.mtimeNsec[row] = of.mtimeNsec[source]!;
    to.ctimeNsec[row] = of.ctimeNsec[source]!;
    to.uid[row] = of.uid[source]!;
    to.gid[row] = of.gid[source]!;
    to.links[row] = of.links[source]!;
    to.mode[row] = of.mode[source]!;
    to.flags[row] = of.flags[source]!;
    from.#hashes.copy(this.#hashes, row * HASH_BYTES, source * HASH_BYTES, (source + 1) * HASH_BYTES);
  }

  /** The first `rows` rows as bytes, in sections that must be used before a row changes. */
  encode(rows: number): readonly Uint8Array[] {
    const arrays = NAMES.map((name) => bytesOf(this.of[name].subarray(0, rows)));
    return [...arrays, this.#hashes.subarray(0, rows * HASH_BYTES)];
  }

  /** Columns of exactly `rows` rows, from the sections that `next` gives. */
  static decode(rows: number, next: () => Buffer): TreeColumns {
    const columns = new TreeColumns(rows);
    for (const name of NAMES) bytesOf(columns.of[name]).set(next());
    columns.#hashes.set(next());
    return columns;
  }
}

const arraysOf = (capacity: number): Arrays =>
  Object.fromEntries(NAMES.map((name) => [name, new COLUMNS[name](capacity)])) as unknown as Arrays;

const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
