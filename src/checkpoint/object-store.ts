/**
 * Reads the objects of a store: contents of files, each named by its sha256, in packs or, when large, in a file each.
 * Knows what was there when it was opened, and looks again when told to (`refresh`). Writing is `object-writer.ts`.
 * 1. Content is handed out only when its sha256 is its name.
 */
import { hash as digest } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import { contentHash } from './content-hash.ts';
import { objectDamaged, storeFailure } from './messages.ts';
import { ObjectIndex, type Place } from './object-index.ts';
import { bytesAt, PackList, unpackedBytes } from './pack.ts';
import { fsPath } from './path-text.ts';

export class ObjectStore {
  readonly #folder: string;
  /** Names by number; a pack keeps its number while the store is open. */
  #packs: string[] = [];
  #index = new ObjectIndex();
  #large = new Set<string>();
  #open: { readonly pack: number; readonly file: number } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.refresh();
  }

  /** Learns of what other processes added and removed. */
  refresh(): void {
    const names = new Set(readdirSync(join(this.#folder, 'packs')));
    this.#large = new Set(readdirSync(join(this.#folder, 'large')));
    if (this.#packs.some((name) => !names.has(name))) {
      this.close();
      this.#packs = [];
      this.#index = new ObjectIndex();
    }
    for (const name of this.#packs) names.delete(name);
    for (const name of names) this.addPack(name);
  }

  /** Learns of one pack. A file that is no whole pack holds nothing. */
  addPack(name: string): void {
    const list = PackList.read(join(this.#folder, 'packs', name));
    const pack = this.#packs.push(name) - 1;
    for (let row = 0; row < (list?.count ?? 0); row += 1) this.#index.add(pack, list!.at(row));
  }

  addLarge(hash: string): void {
    this.#large.add(hash);
  }

  has(hash: string): boolean {
    return this.hasBytes(Buffer.from(hash, 'hex'));
  }

  hasBytes(hash: Buffer): boolean {
    return this.#index.has(hash) || (this.#large.size > 0 && this.#large.has(hash.toString('hex')));
  }

  /** The content; `object_damaged` when it is missing or has another hash. */
  read(hash: string): Result<Buffer, Failure> {
    const place = this.#index.find(Buffer.from(hash, 'hex'));
    return place ? this.#unpack(hash, place) : this.#readLarge(hash);
  }

  /**
   * Writes the content to a new file (`toPath` is a byte path, and not there yet), as a clone where the file system can.
   * On any failure nothing is left at `toPath`.
   */
  materialize(hash: string, toPath: string): Result<void, Failure> {
    const place = this.#index.find(Buffer.from(hash, 'hex'));
    const to = fsPath(toPath);
    try {
      const done = place ? this.#writePacked(hash, place, to) : this.#copyLarge(hash, to);
      if (!done.ok) rmSync(to, { force: true });
      return done;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(to, { force: true });
      return err(storeFailure(toPath, error));
    }
  }

  /** Lets go of open files; the store may be used again. */
  close(): void {
    if (this.#open) closeSync(this.#open.file);
    this.#open = undefined;
  }

  #writePacked(hash: string, place: Place, to: string | Buffer): Result<void, Failure> {
    const content = this.#unpack(hash, place);
    if (!content.ok) return content;
    writeFileSync(to, content.value, { flag: 'wx', mode: 0o600 });
    return ok(undefined);
  }

  #copyLarge(hash: string, to: string | Buffer): Result<void, Failure> {
    if (!this.#large.has(hash)) return err(objectDamaged(hash, 'is missing'));
    copyFileSync(join(this.#folder, 'large', hash), to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    return contentHash(to) === hash ? ok(undefined) : err(objectDamaged(hash, 'has other bytes'));
  }

  #readLarge(hash: string): Result<Buffer, Failure> {
    if (!this.#large.has(hash)) return err(objectDamaged(hash, 'is missing'));
    return this.#checked(hash, () => readFileSync(join(this.#folder, 'large', hash)));
  }

  #unpack(hash: string, { pack, offset, stored, size }: Place): Result<Buffer, Failure> {
    return this.#checked(hash, () => unpackedBytes(bytesAt(this.#fileOf(pack), offset, stored), size));
  }

  #checked(hash: string, read: () => Buffer): Result<Buffer, Failure> {
    try {
      const content = read();
      return digest('sha256', content) === hash ? ok(content) : err(objectDamaged(hash, 'has other bytes'));
    } catch (error) {
      return err(objectDamaged(hash, `cannot be read: ${(error as Error).message}`));
    }
  }

  #fileOf(pack: number): number {
    if (this.#open?.pack === pack) return this.#open.file;
    this.close();
    const file = openSync(join(this.#folder, 'packs', this.#packs[pack] as string), 'r');
    this.#open = { pack, file };
    return file;
  }
}
