/** Packs as files that people hand to each other: the own counts written, those of others read and merged. */
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { LowSync } from 'lowdb';
import { JSONFileSync } from 'lowdb/node';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import { PACK_BYTES_MAX } from '../../engine/core/limits.ts';
import { countSessions } from '../../learning/pack/count-sessions.ts';
import { mergePacks, type Pack, type PackSource, weighPack } from '../../learning/pack/pack.ts';
import {
  type PackDocument,
  type PackProblem,
  packDocument,
  readPackDocument,
} from '../../learning/pack/pack-document.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { everySession } from '../import/every-session.ts';
import { keepPacks, keptPacks } from './kept-packs.ts';

export interface PackFileProblem {
  readonly code: PackProblem['code'] | 'file_missing' | 'file_exists' | 'file_failed' | 'too_large';
  readonly message: string;
  readonly hint: string;
}

/** What a pack holds, counted. */
export interface PackSize {
  readonly sources: number;
  readonly commands: number;
  readonly pairs: number;
}

/** Writes the own counts; a file that is there is replaced only where it is a pack. */
export function exportPack(
  store: LearningStore,
  home: string,
  path: string,
): Result<PackSize, PackFileProblem> {
  if (existsSync(path)) {
    const there = readPackFile(path);
    if (!there.ok && there.error.code === 'pack_invalid') return err(notReplaced(path));
  }
  const { own } = keptPacks(home);
  const pack: Pack = new Map([[own, countSessions(everySession(store), store.head().generation)]]);
  try {
    const document = new LowSync<PackDocument>(new JSONFileSync(path), packDocument(pack));
    document.write();
  } catch (error) {
    return err(failed('written', path, error));
  }
  return ok(sizeOf(pack));
}

/** Takes the pack in whole or not at all; the answer is what is known of others then. */
export function importPack(
  home: string,
  path: string,
  weightMax: number,
): Result<PackSize & { readonly taken: PackSize }, PackFileProblem> {
  const read = readPackFile(path);
  if (!read.ok) return read;
  const { own, pack } = keptPacks(home);
  const others = new Map([...read.value].filter(([name]) => name !== own));
  const merged = mergePacks(pack, weighPack(others, weightMax));
  // what does not fit is found out before anything is changed
  const fits = readPackDocument(packDocument(merged));
  if (!fits.ok)
    return err({ ...tooLarge(path), message: 'all packs together have too many sources or counts' });
  try {
    keepPacks(home, { own, pack: merged });
  } catch (error) {
    return err(failed('taken in', path, error));
  }
  return ok({ ...sizeOf(merged), taken: sizeOf(others) });
}

function readPackFile(path: string): Result<Pack, PackFileProblem> {
  let text: string;
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile()) return err(notReadable(path));
    if (stats.size > PACK_BYTES_MAX) return err(tooLarge(path));
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return err(isMissing(error) ? missing(path) : failed('read', path, error));
  } finally {
    if (file !== undefined) closeSync(file);
  }
  try {
    return readPackDocument(JSON.parse(text));
  } catch {
    return err(notReadable(path));
  }
}

const sizeOf = (pack: Pack): PackSize => {
  const sources = [...pack.values()];
  const sum = (size: (source: PackSource) => number): number =>
    sources.reduce((all, source) => all + size(source), 0);
  return {
    sources: sources.length,
    commands: sum(({ commands }) => commands.size),
    pairs: sum(({ follows }) => [...follows.values()].reduce((all, after) => all + after.size, 0)),
  };
};

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const missing = (path: string): PackFileProblem => ({
  code: 'file_missing',
  message: `there is no file \`${path}\``,
  hint: 'packs are made by belay learn --export FILE',
});

const notReadable = (path: string): PackFileProblem => ({
  code: 'pack_invalid',
  message: `\`${path}\` is no pack: it is no JSON`,
  hint: 'packs are made by belay learn --export FILE',
});

const notReplaced = (path: string): PackFileProblem => ({
  code: 'file_exists',
  message: `\`${path}\` is there and is no pack: it is not replaced`,
  hint: 'choose another name, or move the file away',
});

const tooLarge = (path: string): PackFileProblem => ({
  code: 'too_large',
  message: `\`${path}\` is larger than a pack may be (${PACK_BYTES_MAX} bytes)`,
  hint: 'take fewer packs, or begin anew with belay learn --forget ALL',
});

const failed = (what: string, path: string, error: unknown): PackFileProblem => ({
  code: 'file_failed',
  message: `\`${path}\` cannot be ${what}: ${(error as Error).message}`,
  hint: 'check the path and its rights',
});
