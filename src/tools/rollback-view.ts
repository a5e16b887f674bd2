/**
 * A rollback under way, or the last one, in the shape of the public surface: how far it is, what failed, and what a
 * person does about it. What became of the files is read from the journal.
 */
import type { JournalEvent } from '../engine/core/events.ts';
import type { PathNote } from '../engine/core/rollback-events.ts';
import {
  isActionable,
  type UnwindItem,
  type UnwindState,
  unwindProblem,
} from '../engine/core/rollback-state.ts';
import type { RunState } from '../engine/core/state.ts';
import type { Belay } from './belay.ts';
import { openQuestions } from './open-questions.ts';
import { planLines } from './rollback-plan.ts';
import type { RollbackView } from './rollback-schema.ts';

const LEFT_SHOWN_MAX = 50;
const PROBLEMS_SHOWN_MAX = 20;

type Problem = RollbackView['problems'][number];

const instructionsUri = (runId: string): string => `belay://runs/${runId}/instructions`;

/** Undefined for a run that nobody has taken back. */
export async function rollbackView(belay: Belay, run: RunState): Promise<RollbackView | undefined> {
  const unwind = run.unwind ?? run.unwound;
  if (!unwind) return undefined;
  const read = belay.journal.read(run.runId);
  const events = read.ok ? since(read.value, 'unwind.requested') : [];
  const items = unwind.items ?? [];
  const conflicts = unwind.rescue?.taken.conflicts;
  return {
    strategy: unwind.strategy,
    status: statusOf(run, unwind),
    by: unwind.by,
    ...(unwind.reason !== undefined && { reason: unwind.reason }),
    ...(unwind.target !== undefined && { checkpoint: unwind.target }),
    items: counts(items),
    ...restoredFiles(events, run.rescue?.id),
    problems: await problemsOf(belay, run, items),
    ...(conflicts && { conflicts: { count: conflicts.count, shown: [...conflicts.shown] } }),
    left: items
      .filter(({ status }) => status === 'left')
      .slice(0, LEFT_SHOWN_MAX)
      .map(leftOf),
    ...(run.rescue && { rescue: run.rescue.id }),
    ...(unwind.instructions && { instructions: instructionsUri(run.runId) }),
  };
}

function statusOf(run: RunState, unwind: UnwindState): RollbackView['status'] {
  if (run.unwind === unwind) {
    if (openQuestions(run).length > 0) return 'waiting';
    return unwind.items ? 'running' : 'stopping';
  }
  return unwind.items && unwindProblem(unwind) === undefined ? 'done' : 'stuck';
}

function counts(items: readonly UnwindItem[]): RollbackView['items'] {
  const inStatus = (...wanted: readonly UnwindItem['status'][]) =>
    items.filter((item) => isActionable(item) && wanted.includes(item.status)).length;
  return {
    total: items.filter(isActionable).length,
    done: inStatus('done'),
    failed: inStatus('failed'),
    left: inStatus('left'),
    open: inStatus('pending', 'running'),
  };
}

/** Events from the last one of that type on. */
function since(
  events: readonly JournalEvent[],
  type: JournalEvent['event']['type'],
): readonly JournalEvent[] {
  return events.slice(
    Math.max(
      0,
      events.findLastIndex(({ event }) => event.type === type),
    ),
  );
}

/** @param rescue not a part of the rollback: its restore takes it back */
function restoredFiles(events: readonly JournalEvent[], rescue: string | undefined): Partial<RollbackView> {
  const files = { created: 0, changed: 0, deleted: 0, kept: 0 };
  // several checkpoints may hold the same file
  const differs = new Map<string, PathNote>();
  let differsCount = 0;
  let isRestored = false;
  let isTakenBack = false;
  for (const { event } of events) {
    if (event.type !== 'restore.finished') continue;
    if (event.checkpoint === rescue) {
      isTakenBack = event.result === 'complete';
      continue;
    }
    isRestored = true;
    for (const what of ['created', 'changed', 'deleted'] as const) files[what] += event[what];
    files.kept = Math.max(files.kept, event.kept);
    for (const note of event.problems ?? []) differs.set(note.path, note);
    differsCount = Math.max(differsCount, event.problem_count ?? 0, differs.size);
  }
  return {
    ...(isRestored && { files }),
    ...(isTakenBack && { files_back: true }),
    ...(differsCount > 0 && { differs: [...differs.values()], differs_count: differsCount }),
  };
}

async function problemsOf(belay: Belay, run: RunState, items: readonly UnwindItem[]): Promise<Problem[]> {
  const failed = items.filter(({ status }) => status === 'failed').slice(0, PROBLEMS_SHOWN_MAX);
  const undos = failed.filter(({ kind }) => kind === 'undo');
  const planned = undos.length > 0 ? await planLines(belay, run, undos, 0) : [];
  const commands = new Map(planned.map(({ order, command }) => [order, command]));
  return failed.map((item) => problemOf(run, item, commands.get(item.order)));
}

function problemOf(run: RunState, item: UnwindItem, command: string | undefined): Problem {
  const message = item.failure?.message ?? 'it failed';
  if (item.kind === 'restore') {
    const checkpoint = item.checkpoint.id;
    return { order: item.order, checkpoint, message, instruction: mendFiles(checkpoint) };
  }
  const broken = item.body?.failed;
  return {
    order: item.order,
    step: item.step.key,
    message,
    ...(command !== undefined && { command }),
    ...(broken?.process && {
      log: `belay://runs/${run.runId}/steps/${encodeURIComponent(broken.key)}/log`,
    }),
    instruction: mendUndo(item.step.key),
  };
}

const mendFiles = (checkpoint: string): string =>
  `see to it that the files can be written (space, permissions), then roll back again: it goes on with checkpoint \`${checkpoint}\``;

const mendUndo = (step: string): string =>
  `read its log and mend what keeps the undo of \`${step}\` from ending well, then roll back again: it goes on from there; or take the step back by hand and tick it off in a rollback with strategy manual`;

function leftOf(item: UnwindItem): RollbackView['left'][number] {
  if (item.kind === 'restore')
    return { step: item.checkpoint.taken.step ?? '', why: 'left as it is by hand' };
  const { key, step } = item.step;
  if (item.kind === 'irreversible') return { step: key, why: step.irreversible ?? 'it is irreversible' };
  if (item.kind === 'uncovered')
    return { step: key, why: 'it has neither `undo` nor a checkpoint before it' };
  return { step: key, why: 'left as it is by hand' };
}
