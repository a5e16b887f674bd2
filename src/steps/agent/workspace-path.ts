/**
 * Paths that a model names: inside the directory of the step, whatever links there are on the way.
 * Owns the check; a path is checked right before it is used.
 */
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { err, ok, type Result } from '../../engine/core/failure.ts';

/** Where a path really is, and its name as seen from the workspace. */
export interface Place {
  readonly path: string;
  readonly name: string;
}

/** The error says why it may not be used. What does not exist yet is placed by the nearest folder above it. */
export async function placeIn(workspace: string, written: string): Promise<Result<Place, string>> {
  if (written.includes('\0')) return err('a path holds a NUL character');
  try {
    const root = await realpath(workspace);
    const wanted = resolve(root, written);
    const there = await nearestThere(wanted);
    const path = join(await realpath(there), relative(there, wanted));
    if (!isWithin(root, path)) return err(`${written} lies outside of the workspace`);
    return ok({ path, name: relative(root, path) });
  } catch (error) {
    return err(`${written} cannot be used: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** The path itself, or the nearest one above it that is there; a link that leads nowhere is an error. */
async function nearestThere(path: string): Promise<string> {
  try {
    await realpath(path);
    return path;
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    // a dangling link would be written through
    if (await isLink(path)) throw error;
    return nearestThere(above);
  }
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}

/** Folders whose files decide what programs do later: a model that may write files may not write these. */
const GUARDED: ReadonlySet<string> = new Set(['.git', '.belay']);

export const isGuarded = ({ name }: Place): boolean => name.split(sep).some((part) => GUARDED.has(part));

export const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
