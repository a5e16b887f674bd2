/**
 * A tree of files in columns: one row for each file, folder and link, about a hundred bytes a row, so that half a million
 * of them stay small and a whole tree is stored and loaded without a look at single rows.
 * 1. The children of a folder are one run of rows, sorted by name as bytes; roots are the first rows, named by their path.
 * 2. A folder that is closed has unknown children: nobody may conclude from their absence.
 * 3. A row's hash is of content that had exactly the row's stat.
 */
import type { BigIntStats, Stats } from 'node:fs';
import type { Entry, EntryType } from './entry.ts';
import { NameTable } from './name-table.ts';
import { TreeColumns } from './tree-columns.ts';

const TYPE = 3;
const TYPES: readonly EntryType[] = ['file', 'directory', 'symlink'];
const HASHED = 4;
const CLOSED = 8;
const NS = 1_000_000_000n;

/** File type bits of a mode, and those that a tree holds. */
const S_IFMT = 0o170000;
export const TYPE_OF: ReadonlyMap<number, EntryType> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
]);
export const formatOf = (mode: number): number => mode & S_IFMT;

interface Head {
  readonly scannedAtMs: number;
  readonly rows: number;
  readonly roots: number;
  readonly targets: readonly [row: number, target: string][];
  readonly xattrs: readonly [row: number, values: Readonly<Record<string, string>>][];
}

export class Tree {
  /** Epoch ms before the first look at a file. */
  readonly scannedAtMs: number;
  rows = 0;
  roots = 0;
  readonly targets = new Map<number, string>();
  readonly xattrs = new Map<number, Readonly<Record<string, string>>>();
  #names = new NameTable();
  #columns: TreeColumns;
  #shared: ReadonlyMap<string, number> | undefined;

  constructor(scannedAtMs: number, capacity = 1024) {
    this.scannedAtMs = scannedAtMs;
    this.#columns = new TreeColumns(capacity);
  }

  /** A new row below `parent`; -1 makes a root, whose name is its path. */
  add(parent: number, name: string): number {
    this.#columns.reserve(this.rows);
    const row = this.rows++;
    this.#names.add(name);
    this.#columns.of.parent[row] = parent;
    if (parent < 0) this.roots++;
    return row;
  }

  /** The children of `row` are the last `count` rows. */
  adopt(row: number, count: number): void {
    this.#columns.of.first[row] = this.rows - count;
    this.#columns.of.count[row] = count;
  }

  setStat(row: number, stat: BigIntStats): void {
    const to = this.#columns.of;
    const format = formatOf(Number(stat.mode));
    to.flags[row] = TYPES.indexOf(TYPE_OF.get(format) as EntryType);
    to.mode[row] = Number(stat.mode) & 0o7777;
    to.size[row] = TYPE_OF.get(format) === 'directory' ? 0 : Number(stat.size);
    to.device[row] = Number(stat.dev);
    to.inode[row] = Number(stat.ino);
    to.uid[row] = Number(stat.uid);
    to.gid[row] = Number(stat.gid);
    to.links[row] = Number(stat.nlink);
    [to.mtimeSec[row], to.mtimeNsec[row]] = secondsOf(stat.mtimeNs);
    [to.ctimeSec[row], to.ctimeNsec[row]] = secondsOf(stat.ctimeNs);
  }

  /** Takes over stat, hash, target and attributes of a row of another tree. */
  copy(row: number, from: Tree, source: number): void {
    this.#columns.copy(row, from.#columns, source);
    const target = from.targets.get(source);
    if (target !== undefined) this.targets.set(row, target);
    const xattrs = from.xattrs.get(source);
    if (xattrs) this.xattrs.set(row, xattrs);
  }

  /** Whether the file's stat is the row's; times as Node computes them from seconds and nanoseconds. */
  hasStat(row: number, stat: Stats): boolean {
    const from = this.#columns.of;
    const isFolder = this.type(row) === 'directory';
    return (
      from.mtimeSec[row]! * 1000 + from.mtimeNsec[row]! / 1e6 === stat.mtimeMs &&
      from.ctimeSec[row]! * 1000 + from.ctimeNsec[row]! / 1e6 === stat.ctimeMs &&
      (isFolder || from.size[row] === stat.size) &&
      from.inode[row] === stat.ino &&
      from.device[row] === stat.dev &&
      from.mode[row] === (stat.mode & 0o7777) &&
      from.uid[row] === stat.uid &&
      from.gid[row] === stat.gid &&
      from.links[row] === stat.nlink &&
      this.type(row) === TYPE_OF.get(formatOf(stat.mode))
    );
  }

  /** Epoch ms of the last change to content, name or attributes. */
  changedAtMs(row: number): number {
    const { mtimeSec, ctimeSec } = this.#columns.of;
    return Math.max(mtimeSec[row]!, ctimeSec[row]!) * 1000 + 999;
  }

  type(row: number): EntryType {
    return TYPES[this.#columns.of.flags[row]! & TYPE] as EntryType;
  }

  name(row: number): string {
    return this.#names.at(row);
  }

  size(row: number): number {
    return this.#columns.of.size[row] as number;
  }

  links(row: number): number {
    return this.#columns.of.links[row] as number;
  }

  path(row: number): string {
    const names: string[] = [];
    for (let at = row; at >= 0; at = this.#columns.of.parent[at] as number) names.push(this.name(at));
    return names.reverse().join('/');
  }

  isClosed(row: number): boolean {
    return (this.#columns.of.flags[row]! & CLOSED) !== 0;
  }

  setClosed(row: number, closed: boolean): void {
    this.#columns.of.flags[row] = (this.#columns.of.flags[row]! & ~CLOSED) | (closed ? CLOSED : 0);
  }

  isHashed(row: number): boolean {
    return (this.#columns.of.flags[row]! & HASHED) !== 0;
  }

  /** The hash as bytes; a view that stays valid while no row is added. */
  hash(row: number): Buffer {
    return this.#columns.hash(row);
  }

  setHash(row: number, hash: Uint8Array): void {
    this.#columns.hash(row).set(hash);
    this.#columns.of.flags[row]! |= HASHED;
  }

  dropHash(row: number): void {
    this.#columns.of.flags[row]! &= ~HASHED;
  }

  /** First row and the row after the last one. */
  children(row: number): readonly [first: number, end: number] {
    const first = this.#columns.of.first[row] as number;
    return [first, first + (this.#columns.of.count[row] as number)];
  }

  /** The row at `path`, or -1. */
  find(path: string): number {
    for (let root = 0; root < this.roots; root += 1) {
      const name = this.name(root);
      if (path === name) return root;
      if (path.startsWith(`${name}/`)) return this.#below(root, path.slice(name.length + 1).split('/'));
    }
    return -1;
  }

  /** Rows below `row` with the row itself, in path order: a folder, then each child with what is below it. */
  *under(row: number): Generator<number> {
    yield row;
    const [first, end] = this.children(row);
    for (let child = first; child < end; child += 1) yield* this.under(child);
  }

  /** All rows in path order. */
  *inOrder(): Generator<number> {
    for (let root = 0; root < this.roots; root += 1) yield* this.under(root);
  }

  entry(row: number): Entry {
    const from = this.#columns.of;
    const target = this.targets.get(row);
    const linkGroup = this.#linkGroup(row);
    const xattrs = this.xattrs.get(row);
    return {
      path: this.path(row),
      type: this.type(row),
      mode: from.mode[row] as number,
      uid: from.uid[row] as number,
      gid: from.gid[row] as number,
      size: from.size[row] as number,
      mtimeNs: BigInt(from.mtimeSec[row] as number) * NS + BigInt(from.mtimeNsec[row] as number),
      ctimeNs: BigInt(from.ctimeSec[row] as number) * NS + BigInt(from.ctimeNsec[row] as number),
      inode: BigInt(from.inode[row] as number),
      ...(target === undefined ? {} : { target }),
      ...(linkGroup === undefined ? {} : { linkGroup }),
      ...(this.isHashed(row) ? { hash: this.hash(row).toString('hex') } : {}),
      ...(xattrs === undefined ? {} : { xattrs }),
    };
  }

  /** `device:inode`. */
  fileKey(row: number): string {
    return `${this.#columns.of.device[row]}:${this.#columns.of.inode[row]}`;
  }

  /** As bytes, in sections that must be used before the tree changes. */
  encode(): readonly Uint8Array[] {
    const { scannedAtMs, rows, roots, targets, xattrs } = this;
    const head: Head = { scannedAtMs, rows, roots, targets: [...targets], xattrs: [...xattrs] };
    return [Buffer.from(JSON.stringify(head)), ...this.#names.encode(), ...this.#columns.encode(rows)];
  }

  /** The tree whose sections `next` gives, in the order of `encode`. */
  static decode(next: () => Buffer): Tree {
    const head = JSON.parse(next().toString()) as Head;
    const tree = new Tree(head.scannedAtMs, 0);
    tree.#names = NameTable.decode(next);
    tree.#columns = TreeColumns.decode(head.rows, next);
    tree.rows = head.rows;
    tree.roots = head.roots;
    for (const [row, target] of head.targets) tree.targets.set(row, target);
    for (const [row, xattrs] of head.xattrs) tree.xattrs.set(row, xattrs);
    return tree;
  }

  /** The tree without these rows, which have no children. */
  without(dropped: ReadonlySet<number>): Tree {
    const tree = new Tree(this.scannedAtMs, this.rows);
    const keep = (parent: number, first: number, end: number): void => {
      const kept: number[] = [];
      for (let row = first; row < end; row += 1) if (!dropped.has(row)) kept.push(row);
      const start = tree.rows;
      for (const row of kept) tree.copy(tree.add(parent, this.name(row)), this, row);
      if (parent >= 0) tree.adopt(parent, kept.length);
      for (const [index, row] of kept.entries()) keep(start + index, ...this.children(row));
    };
    keep(-1, 0, this.roots);
    return tree;
  }

  #below(root: number, names: readonly string[]): number {
    let row = root;
    for (const name of names) {
      let [low, high] = this.children(row);
      const end = high;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.name(middle) < name) low = middle + 1;
        else high = middle;
      }
      if (low === end || this.name(low) !== name) return -1;
      row = low;
    }
    return row;
  }

  #linkGroup(row: number): string | undefined {
    if (this.links(row) < 2 || this.type(row) !== 'file') return undefined;
    this.#shared ??= this.#countShared();
    const key = this.fileKey(row);
    return (this.#shared.get(key) ?? 0) > 1 ? key : undefined;
  }

  #countShared(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (let row = 0; row < this.rows; row += 1) {
      if (this.links(row) < 2 || this.type(row) !== 'file') continue;
      const key = this.fileKey(row);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }
}

/** Seconds rounded down, and the nanoseconds above them. */
function secondsOf(ns: bigint): [number, number] {
  const rest = ((ns % NS) + NS) % NS;
  return [Number((ns - rest) / NS), Number(rest)];
}
