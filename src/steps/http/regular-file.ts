/** Files that a request is made of: regular ones only, opened without waiting, so that a pipe cannot hold the host up. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { err, ok, type Result } from '../../engine/core/failure.ts';

export interface RegularFile {
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** Whoever opens it closes it. The error says what was found. */
export async function openRegular(path: string): Promise<Result<RegularFile, string>> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return err(`found ${code === 'ENOENT' ? 'nothing' : code} at \`${path}\`, expected a file`);
  }
  const stats = await handle.stat();
  if (stats.isFile()) return ok({ handle, bytes: stats.size });
  await handle.close();
  return err(`\`${path}\` is no regular file`);
}
