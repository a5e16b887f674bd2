/**
 * Paths on this side of a transfer. Without leave they stay inside the directory of the run, whatever links there are on
 * the way.
 */
import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { err, ok, type Result } from '../../engine/core/failure.ts';

/** The real place of something that is to be read; the error says what is wrong with it. */
export async function placeToRead(
  path: string,
  workspace: string | undefined,
): Promise<Result<string, string>> {
  try {
    const place = await realpath(path);
    if (workspace !== undefined && !isWithin(await realpath(workspace), place))
      return err(outside(path, workspace));
    return ok(place);
  } catch (error) {
    return err(`nothing can be read at \`${path}\`: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** The real place of a folder that is written to, made where it is missing; the error says why it cannot be. */
export async function folderToWrite(
  folder: string,
  workspace: string | undefined,
): Promise<Result<string, string>> {
  try {
    if (workspace !== undefined) {
      const root = await realpath(workspace);
      const there = await realpath(await nearestThere(folder));
      if (!isWithin(root, there) || !isWithin(workspace, folder)) return err(outside(folder, workspace));
    }
    await mkdir(folder, { recursive: true });
    return ok(await realpath(folder));
  } catch (error) {
    return err(`\`${folder}\` cannot be written to: ${(error as NodeJS.ErrnoException).code}`);
  }
}

const outside = (path: string, workspace: string): string =>
  `\`${path}\` lies outside of the directory of the run, \`${workspace}\`; \`allow_outside: true\` lets it`;

/** The folder itself, or the nearest one above it that is there. */
async function nearestThere(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found || dirname(folder) === folder ? folder : nearestThere(dirname(folder));
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}
