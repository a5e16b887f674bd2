/**
 * One digest over the files that a result depends on. The hash of a file that looks as it did before is remembered in
 * this process: size, times and inode are what git goes by, too.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readlink, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { CACHE_INPUTS_BYTES_MAX, CACHE_INPUTS_FILES_MAX } from '../../engine/core/limits.ts';
import { chunksOf } from './cache-objects.ts';
import { findFiles } from './find-files.ts';

/** A file that was changed so shortly before it was read may change again without looking different. */
const RACY_MS = 2_000;

interface Known {
  readonly stamp: string;
  readonly sha256: string;
}

export class InputHashes {
  readonly #known = new Map<string, Known>();

  /** Names and bytes of all files that match, from `root`; the error is why there is no digest. */
  async hash(root: string, patterns: readonly string[]): Promise<Result<string, string>> {
    const found = await findFiles(root, patterns, CACHE_INPUTS_FILES_MAX);
    if (!found.ok) return found;
    const hash = createHash('sha256');
    let bytesLeft = CACHE_INPUTS_BYTES_MAX;
    for (const { path, isLink } of found.value.files) {
      const absolute = resolve(root, path);
      try {
        if (isLink) hash.update(named('link', path, await readlink(absolute)));
        else {
          const { size, sha256 } = await this.#fileHash(absolute);
          bytesLeft -= size;
          hash.update(named('file', path, sha256));
        }
      } catch (error) {
        return err(`\`${path}\` cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
      }
      if (bytesLeft < 0) return err(`the files have more than ${CACHE_INPUTS_BYTES_MAX} bytes together`);
    }
    return ok(hash.digest('hex'));
  }

  async #fileHash(path: string): Promise<{ readonly size: number; readonly sha256: string }> {
    const { size, mtimeNs, ctimeNs, ino, mtimeMs } = await stat(path, { bigint: true });
    const stamp = `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return { size: Number(size), sha256: known.sha256 };
    const sha256 = await hashOf(path);
    this.#known.delete(path);
    if (Date.now() - Number(mtimeMs) > RACY_MS) this.#known.set(path, { stamp, sha256 });
    if (this.#known.size > CACHE_INPUTS_FILES_MAX) this.#known.delete(this.#known.keys().next().value!);
    return { size: Number(size), sha256 };
  }
}

async function hashOf(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const hash = createHash('sha256');
    for await (const chunk of chunksOf(file)) hash.update(chunk);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

const named = (kind: string, path: string, value: string): string =>
  `${kind}:${Buffer.byteLength(path)}:${path}:${value}\n`;
