/**
 * `hash_files(glob)`: one SHA-256 over the names and bytes of all files that match.
 * Owns the walk and the glob (`*`, `?`, `**`, `{a,b}`); links to folders are not followed, so the walk ends.
 */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readBytes, resolvePath } from './read-file.ts';
import { type Run, spend } from './run.ts';
import { ExpressionError } from './value.ts';

const FILES_MAX = 10_000;
const BYTES_MAX = 256 * 1024 * 1024;
const ENTRIES_MAX = 200_000;
const ALTERNATIVES_MAX = 64;

/** The hash as hex. Bounds: 10,000 files, 256 MB; beyond them the expression fails. */
export function hashFiles(glob: string, run: Run): string {
  const files = new Set<string>();
  const walk = { files, entriesLeft: ENTRIES_MAX, glob };
  for (const pattern of expandBraces(glob)) {
    const isAbsolute = pattern.startsWith('/');
    const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
    collect(isAbsolute ? '/' : resolvePath('.', run), '', segments, walk);
  }
  const hash = createHash('sha256');
  let bytesLeft = BYTES_MAX;
  for (const file of [...files].sort()) {
    const bytes = readBytes(glob.startsWith('/') ? `/${file}` : resolvePath(file, run), file, bytesLeft);
    bytesLeft -= bytes.length;
    hash.update(`${Buffer.byteLength(file)}:${file}${bytes.length}:`).update(bytes);
  }
  spend(run, 1_000 + (ENTRIES_MAX - walk.entriesLeft) + ((BYTES_MAX - bytesLeft) >> 8));
  return hash.digest('hex');
}

interface Walk {
  readonly files: Set<string>;
  readonly glob: string;
  entriesLeft: number;
}

function collect(folder: string, shown: string, segments: readonly string[], walk: Walk): void {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment === '..') {
    collect(join(folder, '..'), `${shown}../`, rest, walk);
    return;
  }
  if (segment === '**') {
    collect(folder, shown, rest.length === 0 ? ['*'] : rest, walk);
  }
  for (const entry of entriesOf(folder)) {
    if (--walk.entriesLeft < 0) throw tooMany(walk.glob, `looks at more than ${ENTRIES_MAX} entries`);
    const inside = segment === '**' ? segments : rest;
    // As in a shell, a wildcard does not find names that start with a dot.
    if (segment === '**' ? entry.name.startsWith('.') : !matchesSegment(segment, entry.name)) continue;
    if (entry.isDirectory()) collect(join(folder, entry.name), `${shown}${entry.name}/`, inside, walk);
    else if (segment !== '**' && rest.length === 0 && entry.isFile()) {
      walk.files.add(shown + entry.name);
      if (walk.files.size > FILES_MAX) throw tooMany(walk.glob, `matches more than ${FILES_MAX} files`);
    }
  }
}

const tooMany = (glob: string, what: string): ExpressionError =>
  new ExpressionError(`\`hash_files('${glob}')\` ${what}`, { hint: 'name a smaller folder' });

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // A folder that is not there or not readable matches nothing.
    return [];
  }
}

/** One name against one part of a pattern; a wildcard does not find names that start with a dot. */
export function matchesSegment(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let [at, star, mark] = [0, -1, 0];
  for (let i = 0; i < name.length; ) {
    if (pattern[at] === '*') [star, mark, at] = [at, i, at + 1];
    else if (pattern[at] === '?' || pattern[at] === name[i]) [at, i] = [at + 1, i + 1];
    else if (star >= 0) [at, mark, i] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** The patterns without `{a,b}` that it stands for. Throws an `ExpressionError` where there are too many. */
export function expandBraces(glob: string): string[] {
  const pending = [glob];
  const patterns: string[] = [];
  while (pending.length > 0) {
    const pattern = pending.pop()!;
    const match = /\{([^{}]*)\}/.exec(pattern);
    if (!match) patterns.push(pattern);
    else {
      const [whole, options] = match as unknown as [string, string];
      const [before, after] = [pattern.slice(0, match.index), pattern.slice(match.index + whole.length)];
      pending.push(...options.split(',').map((option) => before + option + after));
    }
    if (pending.length + patterns.length > ALTERNATIVES_MAX) throw tooMany(glob, 'has too many alternatives');
  }
  return patterns;
}
