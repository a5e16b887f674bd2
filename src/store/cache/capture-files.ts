/**
 * Takes the files in that a step has left, as they are: bytes, permissions, and links that stay inside.
 * 1. What cannot be brought back as it is makes the whole capture fail: a part of a result is none.
 */
import { constants, lstatSync } from 'node:fs';
import { open, readlink } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { CACHE_PATHS_BYTES_MAX, CACHE_PATHS_FILES_MAX } from '../../engine/core/limits.ts';
import type { CachedFile, CaptureRequest } from '../../engine/core/step-cache.ts';
import { chunksOf, putObject } from './cache-objects.ts';
import { type FoundFile, findFiles } from './find-files.ts';

export async function captureFiles(
  folder: string,
  request: CaptureRequest,
): Promise<Result<readonly CachedFile[], string>> {
  const { root, patterns, optional = [] } = request;
  const found = await findFiles(root, [...patterns, ...optional], CACHE_PATHS_FILES_MAX);
  if (!found.ok) return found;
  const missing = patterns.find((pattern) => found.value.empty.includes(pattern));
  if (missing !== undefined) return err(`nothing matches \`${missing}\``);
  const files: CachedFile[] = [];
  let bytesLeft = CACHE_PATHS_BYTES_MAX;
  for (const each of found.value.files) {
    const file = await captured(folder, request, each, bytesLeft);
    if (!file.ok) return file;
    bytesLeft -= file.value.size;
    files.push(file.value);
  }
  return ok(files);
}

async function captured(
  folder: string,
  request: CaptureRequest,
  { path, isLink }: FoundFile,
  bytesMax: number,
): Promise<Result<CachedFile, string>> {
  const { root, secrets } = request;
  try {
    if (escapes(path)) return err(`\`${path}\` lies outside of the directory of the run`);
    const through = linkOnTheWay(root, path);
    if (through !== undefined) return err(`\`${path}\` lies behind the link \`${through}\``);
    if (isLink) return await linkOf(root, path);
    return await contentOf(folder, join(root, path), { path, bytesMax, secrets });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return err(`\`${path}\` cannot be read: ${code ?? String(error)}`);
  }
}

async function linkOf(root: string, path: string): Promise<Result<CachedFile, string>> {
  const link = await readlink(join(root, path));
  if (link.startsWith('/') || escapes(join(dirname(path), link)))
    return err(`link \`${path}\` leads out of the directory of the run`);
  return ok({ path, link, size: 0 });
}

interface Terms {
  readonly path: string;
  readonly bytesMax: number;
  readonly secrets: readonly string[];
}

async function contentOf(
  folder: string,
  absolute: string,
  { path, bytesMax, secrets }: Terms,
): Promise<Result<CachedFile, string>> {
  const file = await open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const before = await file.stat();
    if (!before.isFile()) return err(`\`${path}\` is not a regular file`);
    if (before.size > bytesMax)
      return err(`the files have more than ${CACHE_PATHS_BYTES_MAX} bytes together`);
    const sha256 = await putObject(folder, withoutSecrets(chunksOf(file), secrets));
    const after = await file.stat();
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs)
      return err(`\`${path}\` changed while it was read`);
    return ok({ path, mode: before.mode & 0o777, size: before.size, sha256 });
  } catch (error) {
    if (error instanceof SecretFound) return err(`\`${path}\` holds the value of a secret`);
    throw error;
  } finally {
    await file.close();
  }
}

class SecretFound extends Error {}

/** The same chunks; ends with `SecretFound` where they hold one of the values. */
async function* withoutSecrets(
  chunks: AsyncIterable<Uint8Array>,
  secrets: readonly string[],
): AsyncGenerator<Uint8Array> {
  const values = secrets.map((secret) => Buffer.from(secret));
  const overlap = Math.max(0, ...values.map(({ length }) => length - 1));
  let tail = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (values.length > 0) {
      const joined = Buffer.concat([tail, chunk]);
      if (values.some((value) => joined.includes(value))) throw new SecretFound();
      tail = joined.subarray(Math.max(0, joined.length - overlap));
    }
    yield chunk;
  }
}

/** Read as a path from the root, it leaves it. */
export function escapes(path: string): boolean {
  const normal = normalize(path);
  return normal.startsWith('/') || normal === '..' || normal.startsWith('../') || path.includes('\0');
}

/** The first folder above a path, from the root, that is a link. */
export function linkOnTheWay(root: string, path: string): string | undefined {
  const parts = normalize(path).split('/').slice(0, -1);
  for (let count = 1; count <= parts.length; count += 1) {
    const above = parts.slice(0, count).join('/');
    const found = lstatSync(join(root, above), { throwIfNoEntry: false });
    if (!found) return undefined;
    if (found.isSymbolicLink()) return above;
  }
  return undefined;
}
