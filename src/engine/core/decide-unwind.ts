/** What comes next while a run is taken back: the rescue, the next undos and restores, and the end. */
import type { Failure } from './failure.ts';
import {
  conflictsOf,
  isActionable,
  isHungry,
  isLeft,
  type RestoreItem,
  type StepItem,
  type UnwindItem,
  type UnwindState,
  unwindProblem,
} from './rollback-state.ts';
import type { RunState } from './state.ts';

export type UnwindCommand =
  | { readonly kind: 'start_unwind' }
  /** Keep the files as they are now, before any is restored. */
  | { readonly kind: 'rescue' }
  | { readonly kind: 'undo'; readonly item: StepItem }
  /** The undo's steps are done; `failure` is the verdict when it failed. */
  | {
      readonly kind: 'close_undo';
      readonly item: StepItem;
      readonly failure?: Failure;
    }
  | { readonly kind: 'restore'; readonly item: RestoreItem }
  /** Strategy `manual`: ask for the next line to be ticked off. */
  | { readonly kind: 'instruct'; readonly item: UnwindItem }
  | { readonly kind: 'stick'; readonly reason: string }
  | { readonly kind: 'stand_at_checkpoint'; readonly reason: string };

/**
 * Commands of the phase `unwind`; none: nothing is left but the end.
 * @param free slots that neither run nor are about to: no more undos begin, so that those begun end first
 */
export function unwindCommands(unwind: UnwindState, free: number): readonly UnwindCommand[] {
  if (unwind.strategy === 'manual') return instructions(unwind);
  if (unwind.owesRescue) return [{ kind: 'rescue' }];
  if (conflictsOf(unwind) > 0) return [];
  const commands: UnwindCommand[] = [];
  for (const item of unwind.closing) commands.push(closing(item));
  for (const item of unwind.underWay) if (item.kind === 'restore') commands.push({ kind: 'restore', item });
  for (const item of unwind.order?.next(free) ?? []) commands.push(begin(item));
  return commands;
}

const begin = (item: UnwindItem): UnwindCommand =>
  item.kind === 'restore' ? { kind: 'restore', item } : { kind: 'undo', item };

function closing(item: StepItem): UnwindCommand {
  const failed = item.body?.failed;
  if (!failed) return { kind: 'close_undo', item };
  const { key, failure } = failed;
  const cause = failure ?? { code: 'undo_failed', retry: 'final' as const, message: failed.status };
  return { kind: 'close_undo', item, failure: { ...cause, message: `step \`${key}\`: ${cause.message}` } };
}

/** One at a time, in order: the next is asked for when the one before is ticked off. */
function instructions({ items, underWay }: UnwindState): readonly UnwindCommand[] {
  if (underWay.size > 0) return [];
  const next = items?.find((item) => item.status === 'pending' && isActionable(item));
  return next ? [{ kind: 'instruct', item: next }] : [];
}

/** How an unwind goes on when nothing moves in it any more. */
export type UnwindEnd =
  | UnwindCommand
  | { readonly kind: 'start_cleanup' }
  | { readonly kind: 'finish_cleanup'; readonly failed: number }
  | { readonly kind: 'finish'; readonly status: 'rolled_back'; readonly reason: string };

export function unwindEnd(run: RunState, unwind: UnwindState): UnwindEnd | undefined {
  if (run.phase === 'cleanup') return { kind: 'finish_cleanup', failed: run.cleanupFailed };
  if (!unwind.items) return { kind: 'start_unwind' };
  if (unwind.underWay.size > 0 || isHungry(unwind)) return undefined;
  const problem = unwindProblem(unwind);
  if (problem !== undefined) return { kind: 'stick', reason: `the rollback could not finish: ${problem}` };
  if (unwind.target !== undefined) {
    const reason = reasonOf(run, unwind, `back at checkpoint \`${unwind.target}\``);
    return { kind: 'stand_at_checkpoint', reason };
  }
  const owesCleanup = run.workflow.cleanup.length > 0 && run.startedAt !== undefined && !run.cleanup;
  if (owesCleanup) return { kind: 'start_cleanup' };
  return { kind: 'finish', status: 'rolled_back', reason: reasonOf(run, unwind, 'rolled back') };
}

const SUPERSEDED_SHOWN_MAX = 3;

function reasonOf(run: RunState, unwind: UnwindState, what: string): string {
  const left = (unwind.items ?? []).filter((item) => item.kind !== 'restore' && isLeft(item)).length;
  const parts = [because(unwind, what)];
  if (left > 0) parts.push(left === 1 ? '1 step stays as it is' : `${left} steps stay as they are`);
  for (const key of [...run.superseded].slice(0, SUPERSEDED_SHOWN_MAX))
    parts.push(
      `what \`${key}\` did before it ran again in another way stays: its undo takes back the last time`,
    );
  if (run.cleanupFailed > 0)
    parts.push(`${run.cleanupFailed} cleanup ${run.cleanupFailed === 1 ? 'step' : 'steps'} failed`);
  return parts.join('; ');
}

const because = (unwind: UnwindState, what: string): string =>
  unwind.reason === undefined ? what : `${what} because ${unwind.reason}`;
