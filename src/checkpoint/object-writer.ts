/**
 * Adds objects to a store: small ones to packs that grow in `tmp/`, large files as they are.
 * 1. An object that the store has is not written again.
 * 2. Nothing is in its place before `finish`; after it everything is, and on the disk. `abandon` leaves nothing behind.
 */
import { hash as digest } from 'node:crypto';
import { closeSync, fsync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copyLarge } from './large-file.ts';
import { ObjectIndex } from './object-index.ts';
import type { ObjectStore } from './object-store.ts';
import { type Packed, PackListWriter, packedBytes } from './pack.ts';
import { newName, syncFolder, tempPath, writeAll } from './store-folder.ts';

/** Files above this lie in `large/`, where a clone costs no space. */
const PACKED_BYTES_MAX = 4 * 1024 * 1024;
const PACK_BYTES_MAX = 64 * 1024 * 1024;
/** Bounds the memory for the list of a pack of tiny objects. */
const PACK_OBJECTS_MAX = 50_000;
const WRITE_BYTES = 1024 * 1024;

interface OpenPack {
  readonly temp: string;
  readonly file: number;
  readonly list: PackListWriter;
  /** Length of the objects so far. */
  length: number;
  /** Not yet written, and their length. */
  parts: Buffer[];
  waiting: number;
}

export class ObjectWriter {
  readonly packedBytesMax = PACKED_BYTES_MAX;
  /** What the objects took in the store. */
  addedBytes = 0;
  readonly #folder: string;
  readonly #store: ObjectStore;
  readonly #hash = Buffer.alloc(32);
  #pending = new ObjectIndex();
  #pack: OpenPack | undefined;
  /** Written and on their way to the disk, by the name they have in `tmp/`. */
  readonly #packs = new Map<string, Promise<void>>();
  readonly #large = new Map<string, string>();

  constructor(folder: string, store: ObjectStore) {
    this.#folder = folder;
    this.#store = store;
  }

  /** The hash of the content, which is in the store when the writer has finished. The next call overwrites the bytes. */
  put(content: Buffer): Buffer {
    // One buffer for all: half a million small ones cost more memory than all the rest.
    const hash = this.#hash;
    hash.write(digest('sha256', content, 'binary'), 'latin1');
    if (!this.#store.hasBytes(hash) && !this.#pending.has(hash))
      this.putPacked(hash, packedBytes(content), content.length);
    return hash;
  }

  /** The same for a large file, from a byte path. */
  putLarge(path: string): Buffer {
    const temp = tempPath(this.#folder);
    const hash = copyLarge(path, temp);
    const name = hash.toString('hex');
    if (this.#store.hasBytes(hash) || this.#large.has(name)) rmSync(temp);
    else this.#keepLarge(name, temp);
    return hash;
  }

  /** Puts an object in the form that packs have. */
  putPacked(hash: Buffer, stored: Buffer, size: number): void {
    this.#pack ??= this.#newPack();
    const pack = this.#pack;
    const row: Packed = { hash, offset: pack.length, stored: stored.length, size };
    pack.list.add(row);
    this.#pending.add(0, row);
    pack.length += stored.length;
    pack.parts.push(stored);
    pack.waiting += stored.length;
    this.addedBytes += stored.length;
    if (pack.waiting >= WRITE_BYTES) this.#flush(pack);
    if (pack.length >= PACK_BYTES_MAX || pack.list.count >= PACK_OBJECTS_MAX) this.#seal(pack);
  }

  /** Brings everything into its place. */
  async finish(): Promise<void> {
    if (this.#pack) this.#seal(this.#pack);
    await Promise.all(this.#packs.values());
    const hasPacks = this.#packs.size > 0;
    const hasLarge = this.#large.size > 0;
    for (const temp of this.#packs.keys()) {
      const name = newName();
      renameSync(temp, join(this.#folder, 'packs', name));
      this.#packs.delete(temp);
      this.#store.addPack(name);
    }
    for (const [hash, temp] of this.#large) {
      renameSync(temp, join(this.#folder, 'large', hash));
      this.#large.delete(hash);
      this.#store.addLarge(hash);
    }
    if (hasPacks) syncFolder(join(this.#folder, 'packs'));
    if (hasLarge) syncFolder(join(this.#folder, 'large'));
    this.#pending = new ObjectIndex();
  }

  /** Removes what is not in its place yet. */
  async abandon(): Promise<void> {
    if (this.#pack) closeSync(this.#pack.file);
    await Promise.allSettled(this.#packs.values());
    const temps = [this.#pack?.temp, ...this.#packs.keys(), ...this.#large.values()];
    this.#pack = undefined;
    for (const temp of temps) if (temp !== undefined) rmSync(temp, { force: true });
  }

  #keepLarge(name: string, temp: string): void {
    this.#large.set(name, temp);
    this.addedBytes += lstatSync(temp).size;
  }

  #newPack(): OpenPack {
    const temp = tempPath(this.#folder);
    return {
      temp,
      file: openSync(temp, 'wx', 0o600),
      list: new PackListWriter(),
      length: 0,
      parts: [],
      waiting: 0,
    };
  }

  #flush(pack: OpenPack): void {
    const { parts } = pack;
    pack.parts = [];
    pack.waiting = 0;
    writeAll(pack.file, parts);
  }

  #seal({ temp, file, list, length, parts }: OpenPack): void {
    writeAll(file, [...parts, ...list.tail(length)]);
    this.#pack = undefined;
    this.#packs.set(temp, synced(file));
  }
}

/** Done when the file is on the disk; closes it. Awaited at the end only: a failure until then is nobody's surprise. */
function synced(file: number): Promise<void> {
  const done = promisify(fsync)(file).finally(() => closeSync(file));
  done.catch(() => undefined);
  return done;
}
