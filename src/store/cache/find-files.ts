/**
 * Files and links that match patterns (`*`, `?`, `**`, `{a,b}`, as in `hash_files`), without holding up the process. A
 * pattern that names a folder means everything in it. Links are found, and never followed.
 */
import { type Dirent, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expandBraces, matchesSegment } from '../../definition/expression/hash-files.ts';
import { err, ok, type Result } from '../../engine/core/failure.ts';

const ENTRIES_MAX = 500_000;

export interface Found {
  /** Sorted by path, each once. */
  readonly files: readonly FoundFile[];
  /** Patterns that match nothing. */
  readonly empty: readonly string[];
}

export interface FoundFile {
  /** As the pattern leads to it: from the root, or absolute. */
  readonly path: string;
  readonly isLink: boolean;
}

/** The error is why they cannot be told. */
export async function findFiles(
  root: string,
  patterns: readonly string[],
  filesMax: number,
): Promise<Result<Found, string>> {
  const walk = new Walk(filesMax);
  const empty: string[] = [];
  for (const pattern of patterns) {
    const before = walk.matches;
    const expanded = expand(pattern);
    if (!expanded.ok) return expanded;
    for (const plain of expanded.value) {
      const isAbsolute = plain.startsWith('/');
      const segments = plain.split('/').filter((segment) => segment !== '' && segment !== '.');
      const all = isFolder(isAbsolute ? plain : join(root, plain)) ? [...segments, ALL] : segments;
      await walk.collect(isAbsolute ? '/' : root, isAbsolute ? '/' : '', all);
      if (walk.problem !== undefined) return err(`\`${pattern}\` ${walk.problem}`);
    }
    if (walk.matches === before) empty.push(pattern);
  }
  return ok({ files: [...walk.found.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), empty });
}

function expand(pattern: string): Result<readonly string[], string> {
  try {
    return ok(expandBraces(pattern));
  } catch (error) {
    return err((error as Error).message);
  }
}

/** Stands for everything below, names that start with a dot included; no name has a slash. */
const ALL = '/';

const isFolder = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

class Walk {
  readonly found = new Map<string, FoundFile>();
  /** Files met, also again. */
  matches = 0;
  problem: string | undefined;
  readonly #filesMax: number;
  #entriesLeft = ENTRIES_MAX;

  constructor(filesMax: number) {
    this.#filesMax = filesMax;
  }

  async collect(folder: string, shown: string, segments: readonly string[]): Promise<void> {
    const [segment, ...rest] = segments;
    if (segment === undefined || this.problem !== undefined) return;
    if (segment === '..') return this.collect(join(folder, '..'), `${shown}../`, rest);
    const isDeep = segment === '**' || segment === ALL;
    if (segment === '**') await this.collect(folder, shown, rest.length === 0 ? ['*'] : rest);
    for (const entry of await entriesOf(folder)) {
      this.#entriesLeft -= 1;
      if (this.#entriesLeft < 0) this.problem = `looks at more than ${ENTRIES_MAX} entries`;
      if (this.problem !== undefined) return;
      const { name } = entry;
      if (segment === '**' ? name.startsWith('.') : segment !== ALL && !matchesSegment(segment, name))
        continue;
      if (entry.isDirectory())
        await this.collect(join(folder, name), `${shown}${name}/`, isDeep ? segments : rest);
      else if (segment === ALL || (segment !== '**' && rest.length === 0)) this.#take(shown + name, entry);
    }
  }

  #take(path: string, entry: Dirent): void {
    if (!entry.isFile() && !entry.isSymbolicLink()) return;
    this.matches += 1;
    this.found.set(path, { path, isLink: entry.isSymbolicLink() });
    if (this.found.size > this.#filesMax) this.problem = `matches more than ${this.#filesMax} files`;
  }
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    // a folder that is not there or not readable matches nothing
    return [];
  }
}
