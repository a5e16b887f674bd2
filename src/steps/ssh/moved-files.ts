/**
 * What a transfer is made of: all its files and folders, found before the first is moved, so that what is too large or
 * forbidden is refused as a whole.
 * 1. Names that another machine gives are single names: none leads out of its folder.
 * 2. Links inside folders are not followed; they and other special files are left out and listed.
 */
import { lstat, readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { SSH_TRANSFER_DEPTH_MAX, SSH_TRANSFER_FILES_MAX } from '../../engine/core/limits.ts';
import { placeToRead } from './local-paths.ts';
import type { SftpSession } from './sftp-session.ts';
import type { SshTransfer, SshTransfers } from './ssh-call.ts';
import { transferFailed, transferTooLarge } from './ssh-messages.ts';

export type Direction = 'upload' | 'download';

export interface MovedFile extends SshTransfer {
  readonly bytes: number;
  /** Permission bits. */
  readonly mode: number;
}

export interface Moved {
  readonly files: readonly MovedFile[];
  /** On the side that is written to, parents first; made even where no file goes there. */
  readonly folders: readonly string[];
  readonly leftOut: readonly string[];
}

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
  readonly bytes: number;
  readonly mode: number;
}

interface Stats {
  readonly size: number;
  readonly mode: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

const entryOf = (name: string, stats: Stats): Entry => ({
  name,
  kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
  bytes: stats.size,
  mode: stats.mode & 0o777,
});

/** Where files are read from. */
interface Side {
  /** The entry itself, a link followed; the error says why it cannot be read. */
  at(path: string): Promise<Result<Entry, string>>;
  list(path: string): Promise<readonly Entry[]>;
}

const thisSide = (workspace: string | undefined): Side => ({
  async at(path) {
    const place = await placeToRead(path, workspace);
    return place.ok ? ok(entryOf(place.value, await lstat(place.value))) : place;
  },
  async list(path) {
    const names = (await readdir(path)).sort();
    return Promise.all(names.map(async (name) => entryOf(name, await lstat(join(path, name)))));
  },
});

const otherSide = (session: SftpSession): Side => ({
  at: (path) => session.stat(path).then((stats) => ok(entryOf(path, stats))),
  async list(path) {
    const entries = await session.list(path);
    return entries
      .filter(({ filename }) => filename !== '.' && filename !== '..')
      .map(({ filename, attrs }) => entryOf(filename, attrs));
  },
});

/** Failures `upload_failed`, `download_failed`, `transfer_too_large`. Rejects where the other side cannot be asked. */
export async function movedFiles(
  session: SftpSession,
  transfers: SshTransfers,
  direction: Direction,
): Promise<Result<Moved, Failure>> {
  const isUpload = direction === 'upload';
  const walk = new Walk(
    isUpload ? thisSide(transfers.workspace) : otherSide(session),
    direction,
    transfers.bytesMax,
  );
  for (const { here, there } of transfers[direction]) {
    const [from, to] = isUpload ? [here, there] : [there, here];
    const failure = await walk.take(from, to);
    if (failure) return err(failure);
  }
  return ok(walk);
}

class Walk implements Moved {
  readonly files: MovedFile[] = [];
  readonly folders: string[] = [];
  readonly leftOut: string[] = [];
  readonly #side: Side;
  readonly #direction: Direction;
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(side: Side, direction: Direction, bytesMax: number) {
    this.#side = side;
    this.#direction = direction;
    this.#bytesMax = bytesMax;
  }

  async take(from: string, to: string): Promise<Failure | undefined> {
    const found = await this.#side.at(from);
    if (!found.ok) return transferFailed(this.#direction, found.error);
    const entry = found.value;
    if (entry.kind === 'other')
      return transferFailed(this.#direction, `\`${from}\` is neither a file nor a folder`);
    const target = to.endsWith('/') ? posix.join(to, posix.basename(from)) : to;
    // what was looked at is what is read, should a link change meanwhile
    const source = this.#direction === 'upload' ? entry.name : from;
    return entry.kind === 'file'
      ? this.#add(entry, source, target)
      : this.#folder(source, to.replace(/(?<=.)\/+$/, ''), 1);
  }

  async #folder(from: string, to: string, depth: number): Promise<Failure | undefined> {
    if (depth > SSH_TRANSFER_DEPTH_MAX)
      return this.#tooLarge(`\`${from}\` lies deeper than ${SSH_TRANSFER_DEPTH_MAX} folders`);
    this.folders.push(to);
    if (this.folders.length > SSH_TRANSFER_FILES_MAX) return this.#tooMany();
    for (const entry of await this.#side.list(from)) {
      if (/[/\0]/.test(entry.name) || entry.name === '' || entry.name === '..')
        return transferFailed(this.#direction, `\`${from}\` holds an entry whose name is no name`);
      const [source, target] = [posix.join(from, entry.name), posix.join(to, entry.name)];
      if (entry.kind === 'other') this.#leaveOut(source);
      const failure =
        entry.kind === 'file'
          ? this.#add(entry, source, target)
          : entry.kind === 'folder' && (await this.#folder(source, target, depth + 1));
      if (failure) return failure;
    }
    return undefined;
  }

  #add({ bytes, mode }: Entry, from: string, to: string): Failure | undefined {
    const [here, there] = this.#direction === 'upload' ? [from, to] : [to, from];
    this.files.push({ here, there, bytes, mode });
    this.#bytes += bytes;
    if (this.files.length > SSH_TRANSFER_FILES_MAX) return this.#tooMany();
    if (this.#bytes <= this.#bytesMax) return undefined;
    return this.#tooLarge(`the files have more than ${this.#bytesMax} bytes together`, 'raise `max_bytes`');
  }

  #leaveOut(path: string): void {
    if (this.leftOut.length < 20) this.leftOut.push(`left out \`${path}\`: no plain file`);
  }

  #tooMany(): Failure {
    return this.#tooLarge(`there are more than ${SSH_TRANSFER_FILES_MAX} files`);
  }

  #tooLarge(what: string, bound = 'pack them into one archive first'): Failure {
    return transferTooLarge(this.#direction, what, bound);
  }
}
