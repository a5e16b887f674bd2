/**
 * What a run in memory knows about going back: its checkpoints, which files its steps changed, and the unwind under way.
 * Owns the shapes; `evolve-checkpoint.ts` and `evolve-unwind.ts` change them, `unwind.ts` reads the order from them.
 */
import type { Failure } from './failure.ts';
import type { Strategy } from './model.ts';
import type { ChangeNote, CheckpointTaken, ConflictPolicy } from './rollback-events.ts';
import type { Frame, StepState } from './step-state.ts';
import type { UnwindOrder } from './unwind-order.ts';

export interface CheckpointState {
  readonly id: string;
  /** Place in the journal. */
  readonly seq: number;
  readonly at: number;
  readonly taken: CheckpointTaken;
  /** The step it was taken before; absent for a rescue. */
  readonly step?: StepState;
  /** The same step took it before, and what came in between has not been taken back. */
  readonly older?: CheckpointState;
  /** Its files are back, and no step has started since. */
  restored: boolean;
}

/** Files that changed while some steps ran. */
export interface ChangeRecord {
  readonly seq: number;
  /** All steps that may have made the changes; none: somebody else made them. */
  readonly steps: readonly string[];
  /** Made by an undo, or by a restore, which stands for its checkpoint here: these files go back only where a step has changed them too. */
  readonly byUndo: boolean;
  readonly note: ChangeNote;
}

interface ItemBase {
  /** 1, 2, 3 … in the order of taking back. */
  readonly order: number;
  status: ItemStatus;
  failure?: Failure;
  /** The open question that ticks it off; strategy `manual`. */
  question?: string;
}

/**
 * What happens to one step: `undo` runs its undo steps, the others need nothing of their own.
 * `files`: goes back with the next restore. `nothing`: it changed nothing. `irreversible`, `uncovered`: stays as it is.
 */
export interface StepItem extends ItemBase {
  readonly kind: 'undo' | 'files' | 'nothing' | 'irreversible' | 'uncovered';
  readonly step: StepState;
  /** The opened undo steps. */
  body?: Frame;
}

export interface RestoreItem extends ItemBase {
  readonly kind: 'restore';
  readonly checkpoint: CheckpointState;
  operation?: string;
}

/** One line of a rollback. */
export type UnwindItem = StepItem | RestoreItem;

export type ItemStatus = 'pending' | 'running' | 'done' | 'failed' | 'left';

export interface UnwindState {
  readonly strategy: Strategy;
  readonly by: string;
  readonly reason?: string;
  /** Strategy `checkpoint`: where to go back to. */
  readonly target?: string;
  readonly onConflict: ConflictPolicy;
  /** There from `unwind.started` on. */
  items?: readonly UnwindItem[];
  instructions?: { readonly blob: string };
  rescue?: CheckpointState;
  /** Files will be restored, and nobody has kept them as they are now. */
  owesRescue: boolean;
  /** Items by the step they take back. */
  readonly byStep: Map<StepState, StepItem>;
  /** Which items may begin; from `unwind.started` on, except with strategy `manual`. */
  order?: UnwindOrder<UnwindItem>;
  /** Items that have begun and not ended. */
  readonly underWay: Set<UnwindItem>;
  /** Undo items whose steps have finished. */
  readonly closing: Set<StepItem>;
  /** It goes on where an earlier one got stuck, with the rescue of that one. */
  readonly goesOn?: { readonly rescue?: CheckpointState };
  /** What the steps had changed that are pending again; it counts again when the rollback itself is taken back. */
  dropped?: readonly ChangeRecord[];
  /** It ended before its end. */
  stuck?: true;
}

/** All checkpoints of a run, also those that were taken again. */
export function* checkpointsOf(run: {
  readonly checkpoints: ReadonlyMap<string, CheckpointState>;
}): Generator<CheckpointState> {
  for (const newest of run.checkpoints.values())
    for (let at: CheckpointState | undefined = newest; at; at = at.older) yield at;
}

/** What stands against restoring files: others have changed them, and nobody has said what to do with that. */
export const conflictsOf = (unwind: UnwindState): number =>
  unwind.onConflict === 'stop' ? (unwind.rescue?.taken.conflicts?.count ?? 0) : 0;

/** Something could begin and has not: it waits for a slot. */
export const isHungry = (unwind: UnwindState): boolean =>
  !unwind.owesRescue && conflictsOf(unwind) === 0 && (unwind.order?.next(1).length ?? 0) > 0;

/** Somebody has to do something for it. */
export const isActionable = (item: UnwindItem): boolean => item.kind === 'undo' || item.kind === 'restore';

/** It ended before its end, and not before its beginning: the run is neither here nor there. */
export const isHalfBack = (unwind: UnwindState): boolean =>
  unwind.stuck === true &&
  (unwind.goesOn !== undefined ||
    (unwind.items ?? []).some((item) => isActionable(item) && item.status !== 'pending'));

/** When nothing moves any more: it stays as the run has made it. */
export const isLeft = (item: UnwindItem): boolean =>
  item.status === 'left' || (item.kind === 'files' && item.status === 'pending');

/** What is left to do, in words, or undefined when everything is taken back. */
export function unwindProblem(unwind: UnwindState): string | undefined {
  const conflicts = conflictsOf(unwind);
  if (conflicts > 0)
    return `${conflicts} ${conflicts === 1 ? 'file was' : 'files were'} changed by others since`;
  const open = (unwind.items ?? []).filter(isOpen);
  const failed = open.find(({ status }) => status === 'failed');
  if (!failed) return open.length === 0 ? undefined : `${open.length} of its steps have not been taken back`;
  const what =
    failed.kind === 'restore'
      ? `restoring \`${failed.checkpoint.id}\``
      : `the undo of \`${failed.step.key}\``;
  const others = open.length > 1 ? `, ${open.length - 1} more to take back` : '';
  return `${what} failed: ${failed.failure?.message ?? 'unknown'}${others}`;
}

const isOpen = (item: UnwindItem): boolean =>
  isActionable(item) && item.status !== 'done' && item.status !== 'left';
