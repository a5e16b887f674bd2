/** Files that expressions read: regular files only, bounded, relative to the scope's folder. */
import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { READ_BYTES_MAX } from '../../engine/core/limits.ts';
import { type Run, spend } from './run.ts';
import { ExpressionError } from './value.ts';

/** Where a path of an expression points to. */
export function resolvePath(path: string, run: Run): string {
  if (path === '' || path.includes('\0'))
    throw new ExpressionError('a file path is empty or holds a NUL character');
  return resolve(run.scope.cwd, path);
}

/** True when there is anything at the path. */
export function pathExists(path: string, run: Run): boolean {
  spend(run, 100);
  return existsSync(resolvePath(path, run));
}

/** The file as UTF-8 text. */
export function readText(path: string, run: Run): string {
  const bytes = readBytes(resolvePath(path, run), path, READ_BYTES_MAX);
  spend(run, 1_000 + (bytes.length >> 6));
  return new TextDecoder().decode(bytes);
}

/** The bytes of a regular file of at most `bytesMax`; a pipe or a device is refused, never waited for. */
export function readBytes(absolute: string, shown: string, bytesMax: number): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(absolute, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new ExpressionError(`\`${shown}\` is not a regular file`);
    if (stat.size > bytesMax) {
      throw new ExpressionError(
        `\`${shown}\` has ${stat.size} bytes, more than the ${bytesMax} that may be read`,
      );
    }
    const bytes = Buffer.alloc(stat.size);
    let length = 0;
    for (let got = 1; got > 0 && length < bytes.length; length += got) {
      got = readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new ExpressionError(
      `\`${shown}\` cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}`,
      {
        missing: code === 'ENOENT',
        hint: 'paths start at the folder of the run',
      },
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
