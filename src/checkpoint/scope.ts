/**
 * From what a workflow says a checkpoint covers to the scope of a snapshot, or a refusal.
 * Paths are followed to where they really lie: a link brings along what it points at.
 * 1. Roots do not lie inside each other, and none is a place that no rollback may touch.
 */
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import { isWithin } from './coverage.ts';
import { refused } from './messages.ts';
import { fsPath, pathText, rawBytes } from './path-text.ts';
import type { Scope } from './snapshot.ts';

export interface ScopeRequest {
  /** Absolute. */
  readonly cwd: string;
  /** Relative to `cwd`; none: `cwd` itself. */
  readonly paths?: readonly string[];
  readonly exclude?: readonly string[];
  /** Where Belay keeps its data. */
  readonly dataFolder: string;
  /** The user's own. */
  readonly homeFolder: string;
}

/** `checkpoint_refused` for the root of the file system, the user's home folder and what is above it, and Belay's own data. */
export function resolveScope(request: ScopeRequest): Result<Scope, Failure> {
  const { cwd, paths = [], exclude = [] } = request;
  const asked = paths.length === 0 ? ['.'] : paths;
  const roots = asked.flatMap((path) => realPaths(rawBytes(resolve(cwd, path))));
  const home = realPath(rawBytes(request.homeFolder));
  const data = realPath(rawBytes(request.dataFolder));
  for (const root of roots) {
    const why = whyRefused(root, home, data);
    if (why !== undefined) return err(why);
  }
  return ok({
    roots: outermost(roots).map(pathText),
    exclude,
    base: pathText(realPath(rawBytes(cwd))),
  });
}

/** All byte paths, and real. */
function whyRefused(root: string, home: string, data: string): Failure | undefined {
  const named = `\`${pathText(root)}\``;
  const narrower = 'name a project folder in `checkpoints.paths`, or start the run in one';
  if (root === dirname(root))
    return refused(`a checkpoint of ${named} would cover the whole machine`, narrower);
  if (root === home) return refused(`a checkpoint of ${named} would cover your whole home folder`, narrower);
  if (isWithin(home, root))
    return refused(`a checkpoint of ${named} would cover your home folder \`${pathText(home)}\``, narrower);
  if (isWithin(root, data))
    return refused(
      `${named} lies in Belay's data folder \`${pathText(data)}\``,
      'checkpoints cover other folders only',
    );
  return undefined;
}

/** Where a path really lies, and where it leads if it is a link. */
function realPaths(path: string): readonly string[] {
  const place = path === dirname(path) ? path : join(realPath(dirname(path)), basename(path));
  return isLink(place) ? [place, realPath(place)] : [place];
}

function isLink(path: string): boolean {
  try {
    return lstatSync(fsPath(path)).isSymbolicLink();
  } catch {
    return false;
  }
}

/** The real path; of one that is not there, as far as it is. */
function realPath(path: string): string {
  try {
    return realpathSync.native(fsPath(path), 'latin1');
  } catch {
    return path === dirname(path) ? path : join(realPath(dirname(path)), basename(path));
  }
}

const outermost = (roots: readonly string[]): readonly string[] =>
  [...new Set(roots)]
    .filter((root) => !roots.some((other) => other !== root && isWithin(root, other)))
    .sort();
