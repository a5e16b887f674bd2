/**
 * Says what a restore would do, path by path, and what stands against it. Touches nothing but the store, where the list
 * of conflicts is kept.
 */
import { readFileSync } from 'node:fs';
import { type Failure, ok, type Result } from '../engine/core/failure.ts';
import { type Change, writeChangeList } from './change-list.ts';
import { type Fate, fatesOf } from './fates.ts';
import { fsPath, pathText } from './path-text.ts';
import { readTarget } from './restore-target.ts';
import {
  OMITTED_SHOWN_MAX,
  PLANNED_SHOWN_MAX,
  type PlannedFile,
  type RestorePlan,
  type RestoreTarget,
} from './snapshot.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { DIFF_FILE_BYTES_MAX, textDiff, textOf } from './text-diff.ts';

export interface PlanShow {
  /** 0: no diff. */
  readonly diffBytesMax: number;
}

export function planRestore(
  store: SnapshotStore,
  target: RestoreTarget,
  { diffBytesMax }: PlanShow,
): Promise<Result<RestorePlan, Failure>> {
  return store.shared(() => {
    const read = readTarget(store, target);
    if (!read.ok) return read;
    const fates = fatesOf(read.value, new Set(), (hash) => store.objects.has(hash)).all.map((fate) =>
      checked(store, fate),
    );
    const conflicts = conflictsOf(store, read.value.manifest.info.runId, fates);
    if (!conflicts.ok) return conflicts;
    const lost = fates.filter((fate) => fate.lost !== undefined);
    const planned = fates.filter(({ remedy }) => remedy !== undefined).map(plannedFile);
    const count = (action: PlannedFile['action']): number =>
      planned.filter((file) => file.action === action).length;
    return ok({
      create: count('create'),
      change: count('change'),
      delete: count('delete'),
      bytes: planned.reduce((sum, { bytes }) => sum + bytes, 0),
      files: planned.slice(0, PLANNED_SHOWN_MAX),
      conflicts: conflicts.value,
      lost: lost
        .slice(0, OMITTED_SHOWN_MAX)
        .map(({ path, lost: reason }) => ({ path: pathText(path), reason: reason as string })),
      lostCount: lost.length,
      ...(diffBytesMax > 0 ? diffOf(store, fates, diffBytesMax) : {}),
    });
  });
}

/** A content is read now, so that damage shows before anything is touched. */
function checked(store: SnapshotStore, fate: Fate): Fate {
  const { wanted, remedy, conflict: _, ...rest } = fate;
  if (remedy !== 'write' || wanted?.hash === undefined) return fate;
  const content = store.objects.read(wanted.hash);
  return content.ok ? fate : { ...rest, wanted, lost: content.error.message };
}

const plannedFile = ({ path, wanted, found }: Fate): PlannedFile => ({
  path: pathText(path),
  action: !found ? 'create' : wanted ? 'change' : 'delete',
  bytes: wanted?.size ?? 0,
});

function conflictsOf(
  store: SnapshotStore,
  runId: string,
  fates: readonly Fate[],
): Result<RestorePlan['conflicts'], Failure> {
  const changes = fates.flatMap(({ path, conflict, found }): readonly Change[] => {
    if (conflict === undefined) return [];
    return [{ path, kind: conflict, ...(found ? { after: found } : {}) }];
  });
  if (changes.length === 0) return ok({ count: 0, shown: [] });
  const list = writeChangeList(store.folder, { runId, takenAt: Date.now() }, changes);
  if (!list.ok) return list;
  const shown = changes
    .slice(0, PLANNED_SHOWN_MAX)
    .map(({ path, kind }) => ({ path: pathText(path), found: kind }));
  return ok({ count: changes.length, shown, list: list.value });
}

function diffOf(
  store: SnapshotStore,
  fates: readonly Fate[],
  bytesMax: number,
): Required<Pick<RestorePlan, 'diff' | 'diffCut'>> {
  const diffs: string[] = [];
  let bytes = 0;
  for (const fate of fates) {
    const diff = diffOfFile(store, fate);
    bytes += Buffer.byteLength(diff);
    if (bytes > bytesMax) return { diff: diffs.join(''), diffCut: true };
    if (diff !== '') diffs.push(diff);
  }
  return { diff: diffs.join(''), diffCut: false };
}

/** '' where it is not about the content of a text file. */
function diffOfFile(store: SnapshotStore, { path, wanted, found, remedy }: Fate): string {
  if (remedy === undefined || remedy === 'folder' || remedy === 'attributes') return '';
  const before = found?.type === 'file' ? contentNow(path, found.size) : '';
  const after = wanted?.type === 'file' ? contentThen(store, wanted.hash, wanted.size) : '';
  if (before === undefined || after === undefined) return '';
  return textDiff(
    path,
    found?.type === 'file' ? before : undefined,
    wanted?.type === 'file' ? after : undefined,
  );
}

function contentNow(path: string, size: number): string | undefined {
  if (size > DIFF_FILE_BYTES_MAX) return undefined;
  try {
    return textOf(readFileSync(fsPath(path)));
  } catch {
    return undefined;
  }
}

function contentThen(store: SnapshotStore, hash: string | undefined, size: number): string | undefined {
  if (hash === undefined || size > DIFF_FILE_BYTES_MAX) return undefined;
  const content = store.objects.read(hash);
  return content.ok ? textOf(content.value) : undefined;
}
