/**
 * Imports histories into learning, a file after the other, and tells what came of each.
 * 1. The sessions of one file are added in one transaction: all of them or none.
 * 2. What is known already, by its content, is not learned again.
 */
import { setImmediate } from 'node:timers/promises';
import type { ImportKind, SkipReason } from '../../learning/import/reading.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { findHistories, type PathTrouble } from './find-histories.ts';
import { type FileTrouble, readHistory } from './read-history.ts';

export interface ImportedFile {
  readonly path: string;
  readonly kind: ImportKind;
  /** What was new. */
  readonly sessions: number;
  readonly commands: number;
  /** Sessions that were known already. */
  readonly known: number;
  /** Commands that were left out, by reason. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
}

export interface SkippedPath {
  readonly path: string;
  readonly why: FileTrouble | PathTrouble;
}

export interface ImportReport {
  readonly files: readonly ImportedFile[];
  readonly skipped: readonly SkippedPath[];
  readonly sessions: number;
  readonly commands: number;
}

export interface ImportWish {
  /** Files and folders, absolute or against `cwd`. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** Called before each file: how many are done, of how many. */
  readonly onFile: (path: string, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Throws `StorageError`; the files before it are imported then. */
export async function importHistories(
  store: LearningStore,
  { paths, cwd, onFile, signal }: ImportWish,
): Promise<ImportReport> {
  const found = findHistories(paths, cwd);
  const files: ImportedFile[] = [];
  const skipped: SkippedPath[] = [...found.skipped];
  for (const [done, path] of found.files.entries()) {
    if (signal.aborted) break;
    onFile(path, done, found.files.length);
    const reading = readHistory(path);
    if (typeof reading === 'string') skipped.push({ path, why: reading });
    else {
      const { sessions, steps: commands, known } = store.add(reading.sessions);
      files.push({ path, kind: reading.kind, sessions, commands, known, skipped: reading.skipped });
    }
    await setImmediate();
  }
  const sum = (count: (file: ImportedFile) => number): number =>
    files.reduce((all, file) => all + count(file), 0);
  return { files, skipped, sessions: sum((file) => file.sessions), commands: sum((file) => file.commands) };
}
