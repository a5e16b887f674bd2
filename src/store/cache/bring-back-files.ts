/**
 * Brings files back that a result had left: all are written beside their places and checked first, then put in place.
 * 1. A file that is there already, byte for byte and with its permissions, is left alone.
 * 2. Nothing is written through a link, and nothing outside of the root.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import type { CachedFile } from '../../engine/core/step-cache.ts';
import { chunksOf, objectPath, writeChunks } from './cache-objects.ts';
import { escapes, linkOnTheWay } from './capture-files.ts';

interface Staged {
  readonly from: string;
  readonly to: string;
}

/** How many were not there; the error is why they cannot be brought back. */
export async function bringBackFiles(
  folder: string,
  files: readonly CachedFile[],
  root: string,
  signal: AbortSignal,
): Promise<Result<number, string>> {
  const staged: Staged[] = [];
  try {
    for (const file of files) {
      signal.throwIfAborted();
      const problem = await problemAt(root, file.path);
      if (problem !== undefined) return err(problem);
      const to = join(root, file.path);
      if (await isThere(to, file)) continue;
      await mkdir(dirname(to), { recursive: true });
      const from = join(dirname(to), `.belay-${randomUUID()}`);
      staged.push({ from, to });
      if (!(await stage(folder, file, from))) return err(`what was kept of \`${file.path}\` is damaged`);
    }
    signal.throwIfAborted();
    for (const { from, to } of staged) await rename(from, to);
    return ok(staged.length);
  } catch (error) {
    signal.throwIfAborted();
    const { code, path } = error as NodeJS.ErrnoException;
    return err(`${code ?? String(error)}${path === undefined ? '' : ` at \`${path}\``}`);
  } finally {
    for (const { from } of staged) await rm(from, { force: true });
  }
}

async function problemAt(root: string, path: string): Promise<string | undefined> {
  if (escapes(path)) return `\`${path}\` lies outside of the directory of the run`;
  const link = await linkOnTheWay(root, path);
  if (link !== undefined) return `\`${path}\` lies behind the link \`${link}\``;
  const there = await lstat(join(root, path)).catch(() => undefined);
  return there?.isDirectory() ? `there is a folder at \`${path}\`` : undefined;
}

async function isThere(path: string, { size, mode, sha256, link }: CachedFile): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (link !== undefined) return found?.isSymbolicLink() === true && (await readlink(path)) === link;
  if (!found?.isFile() || found.size !== size || (found.mode & 0o777) !== mode) return false;
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const hash = createHash('sha256');
    for await (const chunk of chunksOf(file)) hash.update(chunk);
    return hash.digest('hex') === sha256;
  } finally {
    await file.close();
  }
}

/** False where the object is not what its name promises. */
async function stage(folder: string, file: CachedFile, to: string): Promise<boolean> {
  const { link, sha256 = '', mode = 0o600 } = file;
  if (link !== undefined) {
    await symlink(link, to);
    return true;
  }
  const object = await open(objectPath(folder, sha256), 'r').catch(() => undefined);
  if (!object) return false;
  try {
    if ((await writeChunks(to, 0o600, chunksOf(object))) !== sha256) return false;
    // beyond what the umask of this process would allow
    await chmod(to, mode);
    return true;
  } finally {
    await object.close();
  }
}
