/**
 * The folders that a restore works in: opened for writing where they are not, and given their permissions and times
 * back at its end.
 */
import { accessSync, chmodSync, constants, lstatSync } from 'node:fs';
import type { Entry } from './entry.ts';
import { fsPath } from './path-text.ts';
import { fingerprintOf } from './scan.ts';
import { setAttributes } from './set-attributes.ts';
import type { Stamp } from './set-times.ts';

const OPEN = 0o700;

export class FolderStamps {
  /** As they were found, by path. */
  readonly #folders = new Map<string, Entry>();
  /** Those that the restore itself gives permissions and time. */
  readonly #others: ReadonlySet<string>;

  constructor(others: ReadonlySet<string>) {
    this.#others = others;
  }

  /** Remembers `folder`, if it is one, before anything is done in it. */
  note(folder: string): void {
    if (this.#folders.has(folder) || this.#others.has(folder)) return;
    const found = fingerprintOf(folder);
    if (found?.type === 'directory') this.#folders.set(folder, found);
  }

  /** Lets the user write in `folder`, if that is in the user's power. Throws what the file system throws. */
  open(folder: string): void {
    this.note(folder);
    if (isWritable(folder)) return;
    chmodSync(fsPath(folder), (lstatSync(fsPath(folder)).mode & 0o7777) | OPEN);
  }

  /** Folders get their permissions back, but no time. */
  close(): void {
    for (const [at, found] of this.#folders) {
      const now = fingerprintOf(at);
      if (now?.type === 'directory' && now.mode !== found.mode)
        setAttributes([{ at, like: { ...now, mode: found.mode } }], false);
    }
  }

  /** The times that folders should have which are not what they were: `kept`, else as they were found. */
  times(kept: (folder: string) => Entry | undefined): readonly Stamp[] {
    return [...this.#folders].flatMap(([at, found]) => {
      const now = fingerprintOf(at);
      const { mtimeNs } = kept(at) ?? found;
      return now?.type === 'directory' && now.mtimeNs !== mtimeNs ? [{ at, mtimeNs }] : [];
    });
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(fsPath(folder), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
