/** What a rollback would do, for people and programs: planned by the host, here judged and made to fit an answer. */
import type { RestorePlan } from '../checkpoint/snapshot.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { CheckpointState, UnwindItem } from '../engine/core/rollback-state.ts';
import type { RunState } from '../engine/core/state.ts';
import { unwindItems } from '../engine/core/unwind.ts';
import type { PlanLine } from '../engine/host/plan-unwind.ts';
import { cutText, firstWithin, jsonBytes } from './answer-budget.ts';
import type { Belay } from './belay.ts';
import type { RollbackLine } from './rollback-schema.ts';

/** A plan and a diff, as parts of one answer. */
const PLAN_BYTES_MAX = 20 * 1024;
export const DIFF_BYTES_MAX = 16 * 1024;
const COMMAND_BYTES_MAX = 2 * 1024;
/** Files shown of one checkpoint: fewer where they do not fit. */
const FILES_SHOWN = [200, 50, 10, 3, 0] as const;

/** @param diffBytesMax 0: no diff */
export function planRollback(
  belay: Belay,
  run: RunState,
  target: CheckpointState | undefined,
  diffBytesMax: number,
): Promise<readonly PlanLine[]> {
  return planLines(belay, run, unwindItems(run, target), diffBytesMax);
}

export async function planLines(
  { clock, journal, snapshots, catalogue }: Belay,
  run: RunState,
  items: readonly UnwindItem[],
  diffBytesMax: number,
): Promise<readonly PlanLine[]> {
  const source = {
    run,
    nowMs: clock.now(),
    blob: (sha256: string) => journal.getBlob(sha256),
    stepType: (name: string) => catalogue.find(name),
  };
  // loaded with the first plan: a server that only lists its tools needs no expressions
  const { planUnwind } = await import('../engine/host/plan-unwind.ts');
  return planUnwind(source, items, snapshots, diffBytesMax);
}

/** Something under way may still change files: what the plan says of them is not the last word. */
export const isMoving = (run: RunState): boolean => run.running.size > 0 || run.unaccounted.size > 0;

/** Commands would run, or files be changed. */
export const isDestructive = (lines: readonly PlanLine[], moving: boolean): boolean =>
  lines.some(({ kind, files }) => {
    if (kind !== 'restore') return kind === 'undo';
    return moving || files === undefined || files.create + files.change + files.delete > 0;
  });

/** Files that others have changed since; the oldest checkpoint reaches furthest and names them all. */
export function conflictsIn(lines: readonly PlanLine[]): RestorePlan['conflicts'] {
  const found = lines.flatMap(({ files }) => (files ? [files.conflicts] : []));
  return found.reduce((most, each) => (each.count > most.count ? each : most), { count: 0, shown: [] });
}

/** Checkpoints whose files cannot be restored. */
export const lostIn = (lines: readonly PlanLine[]): readonly PlanLine[] =>
  lines.filter(({ kind, files }) => kind === 'restore' && files === undefined);

/** The plan as part of an answer. */
export function planJson(lines: readonly PlanLine[]): { readonly plan: readonly JsonObject[] } {
  for (const filesShown of FILES_SHOWN) {
    const plan = lines.map((line) => lineJson(line, filesShown));
    const isLast = filesShown === FILES_SHOWN.at(-1);
    if (isLast || jsonBytes(plan) <= PLAN_BYTES_MAX)
      return { plan: firstWithin(plan, PLAN_BYTES_MAX) as unknown as readonly JsonObject[] };
  }
  return { plan: [] };
}

function lineJson({ files, command, ...line }: PlanLine, filesShown: number): RollbackLine {
  return {
    ...line,
    ...(command !== undefined && { command: cutText(command, COMMAND_BYTES_MAX, 'too long to show') }),
    ...(files && { files: filesJson(files, filesShown) }),
  };
}

function filesJson(files: RestorePlan, shown: number): NonNullable<RollbackLine['files']> {
  const { conflicts, lost, lostCount } = files;
  return {
    create: files.create,
    change: files.change,
    delete: files.delete,
    bytes: files.bytes,
    shown: files.files.slice(0, shown) as NonNullable<RollbackLine['files']>['shown'],
    ...(conflicts.count > 0 && {
      conflicts: { count: conflicts.count, shown: conflicts.shown.slice(0, shown) as never },
    }),
    ...(lostCount > 0 && { lost: lost.slice(0, shown) as never, lost_count: lostCount }),
  };
}

/** The diffs of all lines, whole files as far as they fit; nothing where no text file changes. */
export function diffOf(lines: readonly PlanLine[]): { readonly diff?: string; readonly diff_cut?: boolean } {
  const diffs = lines.flatMap(({ files }) => (files?.diff ? [files.diff] : []));
  const shown = firstWithin(diffs, DIFF_BYTES_MAX);
  const isCut = shown.length < diffs.length || lines.some(({ files }) => files?.diffCut === true);
  return {
    ...(shown.length > 0 && { diff: shown.join('') }),
    ...(isCut && { diff_cut: true }),
  };
}
