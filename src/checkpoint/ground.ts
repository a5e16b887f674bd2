/**
 * What stands on the paths of a scope now, seen without following a link: a path below a folder that has become a link
 * lies somewhere else, and is nobody's business here.
 * 1. Nothing above the roots is looked at: whoever declared a root chose the way to it.
 */
import { lstatSync } from 'node:fs';
import type { Entry } from './entry.ts';
import { fsPath } from './path-text.ts';
import { fingerprintOf } from './scan.ts';

/** The nearest thing above a path that is no folder. */
export interface Barrier {
  readonly path: string;
  readonly is: 'missing' | 'no folder';
}

export class Ground {
  readonly #roots: readonly string[];
  /** By folder; undefined: it is a folder, and so is all above it up to the root. */
  readonly #barriers = new Map<string, Barrier | undefined>();

  /** `roots` are byte paths. */
  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** What keeps `path` from being looked at; undefined when all folders above it are there. */
  barrier(path: string): Barrier | undefined {
    return this.#roots.includes(path) ? undefined : this.#barrierAt(parentOf(path));
  }

  /** The path as it is now; undefined when it is not there. Throws what the file system throws. */
  at(path: string): Entry | undefined {
    return this.barrier(path) ? undefined : fingerprintOf(path);
  }

  /** The nearest folder above `path` that is really there. */
  folderAbove(path: string): string {
    const barrier = this.barrier(path);
    return barrier ? this.folderAbove(barrier.path) : parentOf(path);
  }

  /** Forgets what it saw: folders were made, moved or removed. */
  forget(): void {
    this.#barriers.clear();
  }

  #barrierAt(folder: string): Barrier | undefined {
    if (!this.#barriers.has(folder)) this.#barriers.set(folder, this.barrier(folder) ?? barrierOf(folder));
    return this.#barriers.get(folder);
  }
}

function barrierOf(folder: string): Barrier | undefined {
  const stat = lstatSync(fsPath(folder), { throwIfNoEntry: false });
  if (stat?.isDirectory()) return undefined;
  return { path: folder, is: stat ? 'no folder' : 'missing' };
}

/** The folder that `path` lies in. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
