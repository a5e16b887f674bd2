/**
 * Which paths of a scope are left out: patterns with the meaning of `.gitignore`, matched against bytes.
 * Relative to the scope's base; below a root that lies elsewhere, relative to that root.
 */
import ignore, { type Ignore } from 'ignore';
import { bytePath, rawBytes } from './path-text.ts';
import type { Scope } from './snapshot.ts';

/** Answers for a byte path of the scope; undefined: nothing is excluded. */
export type Exclusion = (path: string, isFolder: boolean) => boolean;

export function exclusionOf(scope: Scope): Exclusion | undefined {
  if (scope.exclude.length === 0) return undefined;
  const rules: Ignore = ignore({ ignorecase: false, allowRelativePaths: true });
  rules.add(scope.exclude.map(rawBytes));
  const bases = [scope.base, ...scope.roots].map((path) => slashed(bytePath(path)));
  return (path, isFolder) => {
    const base = bases.find((start) => path.startsWith(start));
    return base !== undefined && rules.ignores(path.slice(base.length) + (isFolder ? '/' : ''));
  };
}

const slashed = (path: string): string => (path.endsWith('/') ? path : `${path}/`);
