/**
 * Brings files back that a result had left: all are written beside their places and checked first, then put in place.
 * 1. A file that is there already, byte for byte and with its permissions, is left alone.
 * 2. Nothing is written through a link, and nothing outside of the root.
 * 3. Small files, which most are, are handled at once, with a pause for everybody else now and then: each trip to another
 *    thread costs more than the work.
 */
import { createHash, hash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import type { CachedFile } from '../../engine/core/step-cache.ts';
import { chunksOf, objectPath, writeChunks } from './cache-objects.ts';
import { escapes, linkOnTheWay } from './capture-files.ts';

/** What is handled at once. */
const SMALL_BYTES = 512 * 1024;
/** How long others wait at most, but for one small file. */
const BREATH_MS = 5;

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
  let breathedAt = performance.now();
  try {
    for (const file of files) {
      if (performance.now() - breathedAt > BREATH_MS) {
        await setImmediate();
        breathedAt = performance.now();
      }
      signal.throwIfAborted();
      const problem = problemAt(root, file.path);
      if (problem !== undefined) return err(problem);
      const to = join(root, file.path);
      if (await isThere(to, file)) continue;
      mkdirSync(dirname(to), { recursive: true });
      const from = join(dirname(to), `.belay-${randomUUID()}`);
      staged.push({ from, to });
      if (!(await stage(folder, file, from))) return err(`what was kept of \`${file.path}\` is damaged`);
    }
    signal.throwIfAborted();
    for (const { from, to } of staged) renameSync(from, to);
    return ok(staged.length);
  } catch (error) {
    signal.throwIfAborted();
    const { code, path } = error as NodeJS.ErrnoException;
    return err(`${code ?? String(error)}${path === undefined ? '' : ` at \`${path}\``}`);
  } finally {
    for (const { from } of staged) rmSync(from, { force: true });
  }
}

function problemAt(root: string, path: string): string | undefined {
  if (escapes(path)) return `\`${path}\` lies outside of the directory of the run`;
  const link = linkOnTheWay(root, path);
  if (link !== undefined) return `\`${path}\` lies behind the link \`${link}\``;
  return lookAt(join(root, path))?.isDirectory() ? `there is a folder at \`${path}\`` : undefined;
}

/** All of them are in place as they were kept. */
export async function areThere(files: readonly CachedFile[], root: string): Promise<boolean> {
  for (const file of files) {
    if (problemAt(root, file.path) !== undefined) return false;
    if (!(await isThere(join(root, file.path), file).catch(() => false))) return false;
    await setImmediate();
  }
  return true;
}

async function isThere(path: string, { size, mode, sha256, link }: CachedFile): Promise<boolean> {
  const found = lookAt(path);
  if (link !== undefined) return found?.isSymbolicLink() === true && readlinkSync(path) === link;
  if (!found?.isFile() || found.size !== size || (found.mode & 0o777) !== mode) return false;
  if (size <= SMALL_BYTES) return hash('sha256', readFileSync(path)) === sha256;
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const whole = createHash('sha256');
    for await (const chunk of chunksOf(file)) whole.update(chunk);
    return whole.digest('hex') === sha256;
  } finally {
    await file.close();
  }
}

/** False where the object is not what its name promises. */
async function stage(folder: string, file: CachedFile, to: string): Promise<boolean> {
  const { link, sha256 = '', mode = 0o600, size } = file;
  if (link !== undefined) {
    symlinkSync(link, to);
    return true;
  }
  if (size <= SMALL_BYTES) {
    const bytes = contentOf(objectPath(folder, sha256));
    if (!bytes || hash('sha256', bytes) !== sha256) return false;
    writeFileSync(to, bytes, { flag: 'wx', mode: 0o600 });
    chmodSync(to, mode);
    return true;
  }
  const object = await open(objectPath(folder, sha256), 'r').catch(() => undefined);
  if (!object) return false;
  try {
    if ((await writeChunks(to, 0o600, chunksOf(object))) !== sha256) return false;
    // beyond what the umask of this process would allow
    chmodSync(to, mode);
    return true;
  } finally {
    await object.close();
  }
}

/** Undefined where there is nothing. */
const lookAt = (path: string) => lstatSync(path, { throwIfNoEntry: false });

function contentOf(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
