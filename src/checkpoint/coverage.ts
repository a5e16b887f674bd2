/** Which paths a scope is about, whether something is there or not: below a root, not excluded, not left out. */
import { exclusionOf } from './exclusion.ts';
import { bytePath } from './path-text.ts';
import type { Scope } from './snapshot.ts';
import type { Tree } from './tree.ts';

/** Answers for a byte path. */
export type Coverage = (path: string, isFolder: boolean) => boolean;

/** `skip` are absolute byte paths that are left out with all below them, as a scan leaves them out. */
export function coverageOf(scope: Scope, skip: readonly string[]): Coverage {
  const roots = scope.roots.map(bytePath);
  const isExcluded = exclusionOf(scope);
  return (path, isFolder) =>
    roots.some((root) => isWithin(path, root)) &&
    !skip.some((left) => isWithin(path, left)) &&
    !isExcluded?.(path, isFolder);
}

/** Whether `path` is `folder` or lies below it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

/** The folder of `tree` that `path` lies in and that could not be listed: nothing is known of `path` then. */
export function closedAbove(tree: Tree, path: string): string | undefined {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const row = tree.find(path.slice(0, at));
    if (row >= 0) return tree.isClosed(row) ? path.slice(0, at) : undefined;
  }
  return undefined;
}
