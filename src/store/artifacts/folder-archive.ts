/**
 * A folder as tar: the same files always give the same bytes. Names sort by their characters, owners and times are left
 * out, a file is executable or it is not, and names begin below the folder.
 * 1. Nothing outside of the folder gets in: a link stays a link where it leads to something inside, else it is left out.
 * 2. What is neither file, folder nor link is left out, and so is a name that is no UTF-8; a warning names each.
 */
import type { Stats } from 'node:fs';
import { constants, type FileHandle, lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Header, Pack } from 'tar-stream';
import { ARTIFACT_FILES_MAX } from '../../engine/core/limits.ts';
import { ArtifactRefused, changed, tooManyFiles } from './messages.ts';

/** Warnings that name a path; the last one says how many more there are. */
const WARNINGS_MAX = 10;

export interface FolderArchive {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What is in it, once the bytes have been read. */
  files(): number;
  warnings(): readonly string[];
}

/** @param folder absolute, without links in it; `except` is left out with what is below it */
export function folderArchive(folder: string, except: string): FolderArchive {
  const walk = new Walk(folder, except);
  return { bytes: walk.bytes(), files: () => walk.files, warnings: () => walk.warnings() };
}

class Walk {
  files = 0;
  readonly #root: string;
  readonly #except: string;
  #entries = 0;
  readonly #omitted: string[] = [];
  #omittedCount = 0;

  constructor(root: string, except: string) {
    this.#root = root;
    this.#except = except;
  }

  async *bytes(): AsyncIterable<Uint8Array> {
    const { pack } = await import('tar-stream');
    const archive = pack();
    const filled = this.#addFolder(archive, this.#root).then(
      () => archive.finalize(),
      (error: unknown) => void archive.destroy(error as Error),
    );
    yield* archive as AsyncIterable<Uint8Array>;
    await filled;
  }

  warnings(): readonly string[] {
    const left = this.#omittedCount - this.#omitted.length;
    return left > 0 ? [...this.#omitted, `${left} more were left out`] : this.#omitted;
  }

  async #addFolder(archive: Pack, folder: string): Promise<void> {
    // names as bytes, so that none is read as another
    const names = (await readdir(folder, { encoding: 'buffer' })).map((bytes) => ({
      name: bytes.toString('utf8'),
      isText: Buffer.from(bytes.toString('utf8')).equals(bytes),
    }));
    names.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, isText } of names) {
      const path = join(folder, name);
      if (isText) await this.#add(archive, path);
      else this.#omit(path, 'its name is no UTF-8');
    }
  }

  async #add(archive: Pack, path: string): Promise<void> {
    if (path === this.#except) return this.#omit(path, 'it is the data folder');
    this.#entries += 1;
    if (this.#entries > ARTIFACT_FILES_MAX) throw new ArtifactRefused(tooManyFiles(this.#root));
    const stats = await lstat(path);
    const name = relative(this.#root, path).split(sep).join('/');
    if (stats.isDirectory()) {
      await addEntry(archive, { name: `${name}/`, type: 'directory', mode: 0o755 });
      return this.#addFolder(archive, path);
    }
    if (stats.isSymbolicLink()) return this.#addLink(archive, path, name);
    if (!stats.isFile()) return this.#omit(path, 'it is no file');
    return this.#addFile(archive, path, name, stats);
  }

  async #addLink(archive: Pack, path: string, name: string): Promise<void> {
    const target = await readlink(path);
    const reached = await realpath(path).catch(() => undefined);
    const isInside = (at: string) => at === this.#root || at.startsWith(`${this.#root}${sep}`);
    if (reached === undefined) return this.#omit(path, 'it is a link to nothing');
    // both as it is written and as it is followed: a link on the way may lead elsewhere
    const staysInside = !isAbsolute(target) && isInside(resolve(dirname(path), target)) && isInside(reached);
    if (!staysInside) return this.#omit(path, `it is a link to \`${target}\`, outside of the folder`);
    return addEntry(archive, { name, type: 'symlink', linkname: target, mode: 0o777 });
  }

  async #addFile(archive: Pack, path: string, name: string, { size, mode, ino, dev }: Stats): Promise<void> {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (found.ino !== ino || found.dev !== dev || found.size !== size)
        throw new ArtifactRefused(changed(path));
      const header = { name, type: 'file' as const, size, mode: mode & 0o100 ? 0o755 : 0o644 };
      await addEntry(archive, header, exactly(file, size, path));
      this.files += 1;
    } finally {
      await file.close();
    }
  }

  #omit(path: string, why: string): void {
    this.#omittedCount += 1;
    if (this.#omitted.length < WARNINGS_MAX)
      this.#omitted.push(`\`${relative(this.#root, path)}\` was left out: ${why}`);
  }
}

/** Resolves when the archive has taken all of it. */
function addEntry(
  archive: Pack,
  header: Partial<Header> & Pick<Header, 'name'>,
  content?: AsyncIterable<Uint8Array>,
): Promise<void> {
  const whole = { size: 0, uid: 0, gid: 0, mtime: new Date(0), ...header };
  return new Promise((resolve, reject) => {
    const sink = archive.entry(whole, (error) => (error ? reject(error) : resolve()));
    if (!content || whole.size === 0) sink.end(null);
    else feed(sink, content).catch(reject);
  });
}

type Sink = ReturnType<Pack['entry']>;

async function feed(sink: Sink, content: AsyncIterable<Uint8Array>): Promise<void> {
  let goOn = () => {};
  sink.on('drain', () => goOn());
  sink.on('close', () => goOn());
  for await (const chunk of content) {
    const hasRoom = sink.write(chunk);
    if (!hasRoom && !sink.destroyed) {
      await new Promise<void>((room) => {
        goOn = room;
      });
    }
    // nobody reads the archive any more
    if (sink.destroyed) return;
  }
  sink.end(null);
}

/** A header has said how many bytes follow. */
async function* exactly(file: FileHandle, size: number, path: string): AsyncIterable<Uint8Array> {
  const piece = Buffer.allocUnsafe(Math.min(size, 256 * 1024));
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, size - at), at);
    if (bytesRead === 0) throw new ArtifactRefused(changed(path));
    at += bytesRead;
    yield Buffer.from(piece.subarray(0, bytesRead));
  }
}
