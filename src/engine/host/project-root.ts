/** Which project a directory belongs to. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What says that a folder is the root of a project. */
const MARKS = ['.git', '.belay'];

/** The nearest folder at or above that has one; the folder itself where none has. */
export function projectRoot(cwd: string): string {
  const start = realPath(cwd);
  for (let folder = start; ; folder = dirname(folder)) {
    if (MARKS.some((mark) => existsSync(join(folder, mark)))) return folder;
    if (folder === dirname(folder)) return start;
  }
}

/** The path itself where there is nothing. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
