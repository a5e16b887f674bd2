/**
 * The files that an import is to look at: those that were named, and those of the folders that were named whose name may
 * be that of a history. Links inside a folder are not followed, so nothing outside of it is read.
 */
import { type Dirent, opendirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { IMPORT_DEPTH_MAX, IMPORT_ENTRIES_MAX, IMPORT_FILES_MAX } from '../../engine/core/limits.ts';

/** Why nothing was imported from a path. */
export type PathTrouble = 'missing' | 'unreadable' | 'too_many' | 'too_deep';

export interface FoundHistories {
  /** Absolute. */
  readonly files: readonly string[];
  readonly skipped: readonly { readonly path: string; readonly why: PathTrouble }[];
}

/** Folders whose files are other people's. */
const PASSED = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  'vendor',
  'site-packages',
  '.venv',
  'dist',
  'target',
]);
const LIKELY = /history|zhistory|histfile|\.jsonl$|^package\.json$|\.db$/i;
const WORKFLOWS = /\.(?:github|forgejo|gitea)[/\\]workflows$/;

export function findHistories(paths: readonly string[], cwd: string): FoundHistories {
  const walk = new Walk();
  for (const path of paths) walk.from(resolve(cwd, path));
  return { files: [...walk.files], skipped: walk.skipped };
}

class Walk {
  readonly files = new Set<string>();
  readonly skipped: { readonly path: string; readonly why: PathTrouble }[] = [];
  #entries = 0;
  #isFull = false;

  from(path: string): void {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) this.skipped.push({ path, why: 'missing' });
    else if (stats.isDirectory()) this.#folder(realpathSync(path), 0);
    else this.files.add(realpathSync(path));
  }

  #folder(path: string, depth: number): void {
    if (depth > IMPORT_DEPTH_MAX) {
      this.skipped.push({ path, why: 'too_deep' });
      return;
    }
    const entries = this.#list(path);
    for (const entry of entries) {
      if (this.#isFull) return;
      const inner = join(path, entry.name);
      if (entry.isDirectory()) {
        if (!PASSED.has(entry.name)) this.#folder(inner, depth + 1);
      } else if (entry.isFile() && isLikely(path, entry.name)) this.#file(inner);
    }
  }

  #file(path: string): void {
    if (this.files.size < IMPORT_FILES_MAX) this.files.add(path);
    else this.#full(path);
  }

  /** In the order of their names, so that two imports do the same. */
  #list(path: string): readonly Dirent[] {
    const entries: Dirent[] = [];
    try {
      const folder = opendirSync(path);
      try {
        for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
          this.#entries += 1;
          if (this.#entries > IMPORT_ENTRIES_MAX) {
            this.#full(path);
            break;
          }
          entries.push(entry);
        }
      } finally {
        folder.closeSync();
      }
    } catch {
      this.skipped.push({ path, why: 'unreadable' });
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #full(path: string): void {
    if (!this.#isFull) this.skipped.push({ path, why: 'too_many' });
    this.#isFull = true;
  }
}

const isLikely = (folder: string, name: string): boolean =>
  LIKELY.test(name) || (/\.ya?ml$/.test(name) && WORKFLOWS.test(folder));
