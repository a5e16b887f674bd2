/**
 * Which objects of a store are needed by the snapshots that stay, and what they take on the disk.
 * Owns the marks; reads the lists of packs, and changes nothing.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from './manifest.ts';
import { ObjectIndex } from './object-index.ts';
import { type Packed, PackList } from './pack.ts';

export interface PackFile {
  readonly name: string;
  /** Absent: the file is no whole pack. */
  readonly list?: PackList;
  readonly bytes: number;
}

/** What one more snapshot needs that no other did. */
export interface Claim {
  readonly bytes: number;
  undo(): void;
}

export class NeededObjects {
  readonly packs: readonly PackFile[];
  /** Name to bytes on the disk. */
  readonly large: ReadonlyMap<string, number>;
  readonly #index = new ObjectIndex();
  readonly #marks: Uint8Array;
  readonly #largeMarks = new Set<string>();

  constructor(folder: string) {
    this.packs = readdirSync(join(folder, 'packs')).map((name) =>
      packFile(join(folder, 'packs', name), name),
    );
    for (const [number, { list }] of this.packs.entries())
      for (let row = 0; row < (list?.count ?? 0); row += 1) this.#index.add(number, list!.at(row));
    this.large = new Map(
      readdirSync(join(folder, 'large')).map((name) => [name, diskBytes(join(folder, 'large', name))]),
    );
    this.#marks = new Uint8Array(this.#index.count);
  }

  /** Marks the objects of a manifest. */
  need({ tree, captures }: Manifest): Claim {
    const rows: number[] = [];
    const names: string[] = [];
    let bytes = 0;
    const claim = (hash: Buffer): void => {
      const row = this.#index.rowOf(hash);
      const name = row < 0 ? hash.toString('hex') : '';
      if (row >= 0 ? this.#marks[row] : this.#largeMarks.has(name)) return;
      if (row >= 0) this.#marks[rows[rows.push(row) - 1] as number] = 1;
      else this.#largeMarks.add(names[names.push(name) - 1] as string);
      bytes += row >= 0 ? this.#index.find(hash)!.stored : (this.large.get(name) ?? 0);
    };
    for (let row = 0; row < tree.rows; row += 1) if (tree.isHashed(row)) claim(tree.hash(row));
    for (const hash of captures) claim(Buffer.from(hash, 'hex'));
    const undo = (): void => {
      for (const row of rows) this.#marks[row] = 0;
      for (const name of names) this.#largeMarks.delete(name);
    };
    return { bytes, undo };
  }

  isLargeNeeded(name: string): boolean {
    return this.#largeMarks.has(name);
  }

  /** What is needed of pack `number`: of an object in two packs one is enough. */
  neededOf(number: number): readonly Packed[] {
    const { list } = this.packs[number] as PackFile;
    const all = Array.from({ length: list?.count ?? 0 }, (_, row) => list!.at(row));
    return all.filter(
      ({ hash }) => this.#marks[this.#index.rowOf(hash)] && this.#index.find(hash)?.pack === number,
    );
  }
}

function packFile(path: string, name: string): PackFile {
  const list = PackList.read(path);
  return { name, bytes: diskBytes(path), ...(list && { list }) };
}

/** What a file takes: less than its size where it has holes. */
export const diskBytes = (path: string): number => lstatSync(path).blocks * 512;
