/**
 * The body of an answer: decoded, bounded, and either in memory or in a file.
 * 1. A file is written beside its place and moved there when it is whole; nothing half-written stays.
 * 2. It lies inside the directory that it was promised to, whatever links there are on the way.
 */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, dirname, join, relative, sep } from 'node:path';
import { Transform, type TransformCallback, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { lostWhile } from './exchange.ts';
import type { Answer } from './follow-redirects.ts';
import type { HttpCall } from './http-call.ts';
import { fileFailure, tooLarge } from './http-messages.ts';

class TooLarge extends Error {}

/** The whole body. Rejects when the signal is given. */
export async function readBody(
  call: HttpCall,
  answer: Answer,
  signal: AbortSignal,
): Promise<Result<Buffer, Failure>> {
  const pieces: Buffer[] = [];
  const gather = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      done();
    },
  });
  const read = await attempt(call, answer, signal, () =>
    pipeline([answer.response, ...decoded(answer.response, call.bytesMax), gather], { signal }),
  );
  return read.ok ? ok(Buffer.concat(pieces)) : read;
}

/** Puts the body into the file; gives its size in bytes. Rejects when the signal is given. */
export async function saveBody(
  call: HttpCall,
  answer: Answer,
  place: NonNullable<HttpCall['saveTo']>,
  signal: AbortSignal,
): Promise<Result<number, Failure>> {
  const folder = await folderOf(place);
  if (!folder.ok) {
    answer.response.destroy();
    return err(fileFailure('save_to', folder.error));
  }
  const name = basename(place.path);
  const path = join(folder.value, name);
  const beside = join(folder.value, `.${name.slice(0, 100)}.${randomBytes(6).toString('hex')}.part`);
  try {
    const saved = await attempt(call, answer, signal, () =>
      pipeline(
        [
          answer.response,
          ...decoded(answer.response, call.bytesMax),
          createWriteStream(beside, { flags: 'wx' }),
        ],
        { signal },
      ),
    );
    if (!saved.ok) return saved;
    const { size } = await stat(beside);
    await rename(beside, path);
    return ok(size);
  } catch (error) {
    if (signal.aborted || !isOfDisk(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    return err(fileFailure('save_to', `\`${place.path}\` cannot be written: ${code}`));
  } finally {
    await rm(beside, { force: true });
  }
}

/** What the connection and the decoding do is a failure; what the disk does is thrown on. */
async function attempt(
  call: HttpCall,
  { url, response }: Answer,
  signal: AbortSignal,
  act: () => Promise<void>,
): Promise<Result<void, Failure>> {
  try {
    await act();
    return ok(undefined);
  } catch (error) {
    response.destroy();
    if (error instanceof TooLarge) return err(tooLarge(url, call.bytesMax));
    if (signal.aborted || isOfDisk(error)) throw error;
    return err(lostWhile(call, url, error as NodeJS.ErrnoException));
  }
}

const DISK_CODES: ReadonlySet<unknown> = new Set([
  ...['EACCES', 'EDQUOT', 'EEXIST', 'EFBIG', 'EIO', 'EISDIR', 'EMFILE', 'ENAMETOOLONG', 'ENOENT', 'ENOSPC'],
  ...['ENOTDIR', 'EPERM', 'EROFS', 'EXDEV'],
]);
const isOfDisk = (error: unknown): boolean => DISK_CODES.has((error as NodeJS.ErrnoException).code);

/** The streams between the wire and the bytes; an encoding that was not asked for stays as it is. */
function decoded(response: IncomingMessage, bytesMax: number): readonly Transform[] {
  const encoding = response.headers['content-encoding']?.toLowerCase();
  const bound = bounded(bytesMax);
  if (encoding === 'gzip' || encoding === 'x-gzip') return [createGunzip(), bound];
  if (encoding === 'br') return [createBrotliDecompress(), bound];
  return encoding === 'deflate' ? [createInflate(), bound] : [bound];
}

/** Counted behind the decoding: little on the wire may be much. */
function bounded(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done: TransformCallback) {
      bytes += piece.length;
      if (bytes > bytesMax) done(new TooLarge());
      else done(null, piece);
    },
  });
}

/** The folder of the file, made where it is missing; the error says why it cannot be. */
async function folderOf({ path, inside }: NonNullable<HttpCall['saveTo']>): Promise<Result<string, string>> {
  try {
    const root = await realpath(inside);
    const wanted = dirname(path);
    const there = await realpath(await nearestThere(wanted));
    if (!isWithin(root, there) || !isWithin(inside, path) || path === inside)
      return err(`\`${path}\` lies outside of the directory of the run, \`${inside}\``);
    await mkdir(wanted, { recursive: true });
    const found = await stat(path).catch(() => undefined);
    return found?.isDirectory()
      ? err(`\`${path}\` is a folder, expected a file`)
      : ok(await realpath(wanted));
  } catch (error) {
    return err(`\`${path}\` cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** The folder itself, or the nearest one above it that is there. */
async function nearestThere(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found || dirname(folder) === folder ? folder : nearestThere(dirname(folder));
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}
