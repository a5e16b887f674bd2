/**
 * Brings the content of a scanned tree's files into the store and its hashes into the tree, reading only those that the
 * tree has no hash of, or a hash of something that the store has lost.
 * 1. Afterwards a file has a hash of what the store holds, or is listed in `missed`, or was gone and is no part of the tree.
 */
import { overBytes } from './messages.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectWriter } from './object-writer.ts';
import { type ReadFile, readContent } from './read-content.ts';
import { type Missed, reasonOf } from './scan.ts';
import type { Tree } from './tree.ts';

/** What opening a path says when something else than a file took its place. */
const NO_FILE = ['ELOOP', 'ENXIO', 'EISDIR'];

export class KeepContents {
  tree: Tree;
  readonly missed: Missed[] = [];
  /** Of all files that are kept. */
  bytes = 0;
  /** Files that were read. */
  read = 0;
  readonly #objects: ObjectStore;
  readonly #writer: ObjectWriter;
  readonly #bytesMax: number;
  readonly #vanished = new Set<number>();
  /** The row of each file with several names that was met first. */
  readonly #linked = new Map<string, number>();

  constructor(tree: Tree, objects: ObjectStore, writer: ObjectWriter, bytesMax: number) {
    this.tree = tree;
    this.#objects = objects;
    this.#writer = writer;
    this.#bytesMax = bytesMax;
  }

  /** False when `isOver` ended it; the rest of the files then have no hash. */
  run(isOver: () => boolean): boolean {
    const { tree } = this;
    for (let row = 0; row < tree.rows; row += 1) {
      if (tree.type(row) !== 'file' || this.#isOtherName(row)) continue;
      if (this.bytes + tree.size(row) > this.#bytesMax) this.#miss(row, overBytes(this.#bytesMax));
      else if (!tree.isHashed(row) || !this.#objects.hasBytes(tree.hash(row))) {
        if (isOver()) return false;
        this.#keep(row);
      }
      if (tree.isHashed(row)) this.bytes += tree.size(row);
    }
    if (this.#vanished.size > 0) this.tree = tree.without(this.#vanished);
    return true;
  }

  /** Whether the file was met under another name, which then says all. */
  #isOtherName(row: number): boolean {
    const { tree } = this;
    if (tree.links(row) < 2) return false;
    const key = tree.fileKey(row);
    const first = this.#linked.get(key);
    if (first === undefined) this.#linked.set(key, row);
    if (first === undefined || !tree.isHashed(first)) return false;
    tree.setHash(row, tree.hash(first));
    return true;
  }

  #keep(row: number): void {
    const path = this.tree.path(row);
    this.tree.dropHash(row);
    this.read += 1;
    try {
      const read = readContent(path, this.#writer);
      if (read) this.#settle(row, path, read);
      else this.#miss(row, 'changed while it was read');
    } catch (error) {
      const { code = '', syscall } = error as NodeJS.ErrnoException;
      if (['ENOENT', 'ENOTDIR'].includes(code) && syscall === 'open') this.#vanished.add(row);
      else if (NO_FILE.includes(code)) this.#miss(row, 'changed while it was read');
      else if (syscall === 'open' || syscall === 'read') this.#miss(row, reasonOf(error));
      else throw error;
    }
  }

  #settle(row: number, path: string, { stat, hash, stable }: ReadFile): void {
    this.tree.setStat(row, stat);
    this.tree.setHash(row, hash);
    if (!stable)
      this.missed.push({ path, reason: 'changed while it was read: what is kept is of no one moment' });
  }

  #miss(row: number, reason: string): void {
    this.tree.dropHash(row);
    this.missed.push({ path: this.tree.path(row), reason });
  }
}
