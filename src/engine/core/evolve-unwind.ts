/**
 * Rollback events of the transition table: asked for, begun, each undo and each restore.
 * 1. From `unwind.requested` on nothing new starts but what takes the run back.
 * 2. A step becomes `undone` only by the end of its undo, of the restore that covers it, or by a person's tick.
 */
import type { Entry, Event, EventOf } from './events.ts';
import { isFinal } from './events.ts';
import type { Failure } from './failure.ts';
import { activeTasks, halt, newFrame, openList } from './frames.ts';
import { forgetCleanup, forgetUndos, recount } from './reset.ts';
import {
  checkpointsOf,
  conflictsOf,
  isActionable,
  isHalfBack,
  type RestoreItem,
  type StepItem,
  type UnwindItem,
  type UnwindState,
} from './rollback-state.ts';
import type { RunState } from './state.ts';
import { isOver, type StepState, taskCountOf } from './step-state.ts';
import { unwindItems } from './unwind.ts';
import { UnwindOrder } from './unwind-order.ts';

export function evolveUnwind(run: RunState, entry: Entry, event: Event): string | undefined {
  switch (event.type) {
    case 'unwind.requested':
      return requested(run, event);
    case 'unwind.started':
      return started(run, event);
    case 'undo.started':
      return undoStarted(run, event);
    case 'undo.succeeded':
      return undoEnded(run, entry, event.step);
    case 'undo.failed':
      return undoEnded(run, entry, event.step, event.failure);
    case 'restore.started':
      return restoreStarted(run, event);
    case 'restore.finished':
      return restoreFinished(run, entry, event);
    default:
      return `\`${event.type}\` is not a rollback event`;
  }
}

function requested(run: RunState, event: EventOf<'unwind.requested'>): string | undefined {
  if (run.unwind) return 'a rollback is under way';
  const { strategy, checkpoint } = event;
  if (strategy === 'checkpoint' && (checkpoint === undefined || !run.checkpoints.has(checkpoint)))
    return `checkpoint \`${checkpoint ?? ''}\` is not in this run`;
  run.unwind = {
    strategy,
    by: event.by,
    onConflict: event.on_conflict ?? 'stop',
    ...(event.reason !== undefined && { reason: event.reason }),
    ...(strategy === 'checkpoint' && checkpoint !== undefined && { target: checkpoint }),
    ...(run.unwound && isHalfBack(run.unwound) && { goesOn: rescueOf(run.unwound) }),
    owesRescue: false,
    byStep: new Map(),
    underWay: new Set(),
    closing: new Set(),
  };
  if (isFinal(run.status)) leaveEnd(run);
  for (const field of ['rollbackDue', 'pausing', 'cancel', 'reason', 'finishedAt', 'outputs'] as const)
    delete run[field];
  run.status = 'running';
  if (run.phase === 'cleanup') return undefined;
  run.phase = 'steps';
  halt(run, run.steps);
  if (strategy === 'graceful' || strategy === 'manual') return undefined;
  for (const task of activeTasks(run.steps)) {
    task.stopping ??= 'cancelled';
    run.stopping.add(task);
  }
  return undefined;
}

/** Of the files as they were before anything was taken back. */
function rescueOf(unwind: UnwindState): NonNullable<UnwindState['goesOn']> {
  const rescue = unwind.goesOn?.rescue ?? unwind.rescue;
  return rescue ? { rescue } : {};
}

/** What a run that got stuck in its cleanup or in an earlier rollback had under way there begins anew. */
function leaveEnd(run: RunState): void {
  if (run.unwound) forgetUndos(run, run.unwound);
  if (run.cleanup && run.cleanup.open > 0) forgetCleanup(run);
  recount(run);
}

function started(run: RunState, event: EventOf<'unwind.started'>): string | undefined {
  const { unwind } = run;
  if (!unwind) return 'no rollback was asked for';
  if (unwind.items) return 'the rollback has begun already';
  if (run.phase === 'cleanup') return 'the cleanup has not finished';
  const { open } = run.steps;
  if (open > 0) return `${open} ${open === 1 ? 'step has' : 'steps have'} not finished`;
  run.phase = 'unwind';
  const target = unwind.target === undefined ? undefined : run.checkpoints.get(unwind.target);
  unwind.items = unwindItems(run, target);
  for (const item of unwind.items) {
    if (item.kind === 'irreversible' || item.kind === 'uncovered') item.status = 'left';
    if (item.kind !== 'restore') unwind.byStep.set(item.step, item);
  }
  if (event.instructions) unwind.instructions = event.instructions;
  if (unwind.strategy === 'manual') return undefined;
  unwind.order = new UnwindOrder(unwind.items.filter(isActionable));
  unwind.owesRescue = unwind.items.some(({ kind }) => kind === 'restore');
  return undefined;
}

/** Undefined where there is nothing against beginning the item. */
function notYet(unwind: UnwindState, item: UnwindItem, name: string): string | undefined {
  if (unwind.owesRescue) return 'the files were not rescued first';
  if (conflictsOf(unwind) > 0) return 'others have changed files since';
  if (!unwind.order?.begin(item)) return `it is not the turn of \`${name}\``;
  item.status = 'running';
  unwind.underWay.add(item);
  return undefined;
}

function itemOf(run: RunState, key: string): StepItem | undefined {
  for (const step of [run.byKey.get(key), run.forgotten.get(key)]) {
    const item = step && run.unwind?.byStep.get(step);
    if (item?.kind === 'undo') return item;
  }
  return undefined;
}

function undoStarted(run: RunState, event: EventOf<'undo.started'>): string | undefined {
  const item = itemOf(run, event.step);
  if (!run.unwind || !item) return `step \`${event.step}\` is not to be undone`;
  const wrong = notYet(run.unwind, item, event.step);
  if (wrong !== undefined) return wrong;
  const { step } = item;
  const steps = step.step.undo ?? [];
  if (step.before) Object.assign(step, step.before);
  touch(run, step);
  item.body = newFrame('undo', step.indices, step);
  run.total += taskCountOf(steps);
  openList(run, item.body, steps);
  return undefined;
}

function undoEnded(run: RunState, entry: Entry, key: string, failure?: Failure): string | undefined {
  const item = itemOf(run, key);
  if (!run.unwind || !item) return `step \`${key}\` is not to be undone`;
  if (!run.unwind.closing.delete(item)) return `the undo of \`${key}\` has not finished`;
  run.unwind.underWay.delete(item);
  if (failure) {
    item.status = 'failed';
    item.failure = failure;
    mark(run, item.step, 'undo_failed', entry.at);
  } else undone(run, item, entry.at);
  return undefined;
}

/** The files of a rollback that is over are brought back by whoever asks, not by the run. */
const isRescue = (run: RunState, id: string): boolean => !run.unwind && run.rescue?.id === id;

function restoreStarted(run: RunState, event: EventOf<'restore.started'>): string | undefined {
  if (isRescue(run, event.checkpoint)) {
    for (const checkpoint of checkpointsOf(run)) checkpoint.restored = false;
    // the files are to be as the steps had left them, and a later rollback finds them so
    const bySteps = [...run.changes, ...(run.unwound?.dropped ?? [])].filter(({ byUndo }) => !byUndo);
    run.changes.splice(0, run.changes.length, ...bySteps);
    if (run.unwound) delete run.unwound.dropped;
    return undefined;
  }
  // nothing else may begin when a restore may
  const [item] = run.unwind?.order?.next(1) ?? [];
  if (!run.unwind || item?.kind !== 'restore' || item.checkpoint.id !== event.checkpoint)
    return `it is not the turn of \`${event.checkpoint}\``;
  const wrong = notYet(run.unwind, item, event.checkpoint);
  if (wrong === undefined) item.operation = event.operation;
  return wrong;
}

function restoreFinished(
  run: RunState,
  entry: Entry,
  event: EventOf<'restore.finished'>,
): string | undefined {
  if (isRescue(run, event.checkpoint)) return undefined;
  const [item] = run.unwind?.underWay ?? [];
  if (item?.kind !== 'restore' || item.checkpoint.id !== event.checkpoint)
    return `checkpoint \`${event.checkpoint}\` is not being restored`;
  run.unwind?.underWay.delete(item);
  if (event.changes?.list !== undefined)
    run.changes.push({ seq: entry.seq, steps: [event.checkpoint], byUndo: true, note: event.changes });
  if (event.result === 'complete') restored(run, item, entry.at);
  else {
    item.status = 'failed';
    item.failure = event.failure ?? incomplete(event);
  }
  return undefined;
}

function incomplete(event: EventOf<'restore.finished'>): Failure {
  const count = event.problem_count ?? event.problems?.length ?? 0;
  const differ = count === 1 ? '1 path differs' : `${count} paths differ`;
  const message = `${differ} from checkpoint \`${event.checkpoint}\``;
  return { code: 'restore_incomplete', retry: 'again', message };
}

/** With the files, everything that had changed nothing else since the checkpoint is taken back. */
function restored(run: RunState, item: RestoreItem, at: number): void {
  const items = run.unwind?.items ?? [];
  item.status = 'done';
  item.checkpoint.restored = true;
  for (let order = item.order - 1; order > 0; order -= 1) {
    const covered = items[order - 1]!;
    if (covered.kind === 'restore' && covered.status === 'done') break;
    if (covered.kind === 'files') undone(run, covered, at);
  }
  run.unwind?.order?.done(item);
}

function undone(run: RunState, item: StepItem, at: number): void {
  item.status = 'done';
  mark(run, item.step, 'undone', at);
  run.unwind?.order?.done(item);
}

/** A step that is no longer part of the run may have a fresh instance in its place: that one shows it. */
function touch(run: RunState, step: StepState): StepState {
  const shown = run.byKey.get(step.key) ?? step;
  run.touched.delete(shown);
  run.touched.add(shown);
  return shown;
}

function mark(run: RunState, step: StepState, status: 'undone' | 'undo_failed', at: number): void {
  const shown = touch(run, step);
  if (run.byKey.has(step.key) && !isOver(shown.status)) run.done += 1;
  for (const each of [step, shown]) {
    each.status = status;
    each.finishedAt ??= at;
  }
}

/** A person has carried out an instruction of a manual rollback, or leaves it. */
export function tick(run: RunState, order: number, isDone: boolean, at: number): void {
  const item = run.unwind?.items?.[order - 1];
  if (!item) return;
  run.unwind?.underWay.delete(item);
  if (!isDone) item.status = 'left';
  else if (item.kind === 'restore') restored(run, item, at);
  else undone(run, item, at);
}

/** The unwind is over: the run is back at its beginning or at a checkpoint, or stuck on the way. */
export function endUnwind(run: RunState, end: 'beginning' | 'checkpoint' | 'stuck', at: number): void {
  const { unwind } = run;
  if (!unwind) return;
  if (end === 'stuck') unwind.stuck = true;
  else {
    for (const item of unwind.items ?? []) {
      if (item.kind === 'nothing') undone(run, item, at);
      else if (item.status === 'pending' && !isActionable(item)) item.status = 'left';
    }
  }
  if (end === 'beginning') {
    for (const step of run.byKey.values()) {
      if (step.frame.root !== 'steps' || !step.body) continue;
      step.status = 'undone';
      run.touched.add(step);
    }
  }
  run.unwound = unwind;
  delete run.unwind;
}
