/**
 * Takes back a rollback as far as files go: which paths, from which snapshot, and what they should look like now.
 * Read from the journal, because a run that went back to a checkpoint has forgotten what came after it.
 */
import type { JournalEvent } from '../engine/core/events.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { CheckpointState } from '../engine/core/rollback-state.ts';
import type { RunState } from '../engine/core/state.ts';
import { foldEvents } from '../engine/host/load-run.ts';
import type { Belay } from './belay.ts';
import type { ToolError } from './tool.ts';

export interface RescueFiles {
  readonly rescue: CheckpointState;
  readonly target: {
    readonly snapshot: string;
    readonly lists: readonly string[];
    readonly expected: { readonly snapshot: string };
  };
  /** A restore that was begun and did not come to its end: the next one goes on with it. */
  readonly operation?: string;
}

/** @param events of the whole run */
export function rescueFiles(run: RunState, events: readonly JournalEvent[]): Result<RescueFiles, ToolError> {
  const problem = statusProblem(run);
  if (problem) return err(problem);
  const { rescue } = run;
  if (!rescue) return err(nothingRestored(run));
  const restored = oldestRestored(events, rescue);
  if (!restored) return err(nothingRestored(run));
  const lists = events.flatMap(({ seq, event }) => {
    const list = 'changes' in event && seq > restored.seq ? event.changes?.list : undefined;
    return list === undefined ? [] : [list];
  });
  const operation = openOperation(events, rescue.id);
  return ok({
    rescue,
    target: {
      snapshot: rescue.taken.snapshot,
      lists: [...new Set(lists)],
      expected: { snapshot: restored.taken.snapshot },
    },
    ...(operation !== undefined && { operation }),
  });
}

function statusProblem(run: RunState): ToolError | undefined {
  const { runId, status } = run;
  if (!run.unwind && ['rolled_back', 'paused', 'stuck'].includes(status)) return undefined;
  return {
    code: 'conflict',
    message: run.unwind
      ? `run \`${runId}\` is being rolled back; its files can be brought back when that is over`
      : `run \`${runId}\` is ${status}: only the files of a run that stands after a rollback can be brought back`,
    hint: 'workflow_status shows where the run stands; nothing was changed',
    next: [{ tool: 'workflow_status', arguments: { run_id: runId }, why: 'see where the run stands' }],
  };
}

const nothingRestored = ({ runId }: RunState): ToolError => ({
  code: 'conflict',
  message: `no rollback of run \`${runId}\` has restored files, so there is nothing to bring back`,
  hint: 'only files come back; what undo commands did is not undone',
});

type Restored = Pick<CheckpointState, 'seq' | 'taken'>;

/**
 * Of the checkpoints restored since the rescue the one that reaches back furthest. One that was taken again bears the
 * id of the older one, and only the run as it was then knows which of them was restored: so it is folded once more.
 */
function oldestRestored(events: readonly JournalEvent[], rescue: CheckpointState): Restored | undefined {
  let run: RunState | undefined;
  let oldest: Restored | undefined;
  for (const entry of events) {
    const { event, seq } = entry;
    const isBack = event.type === 'restore.finished' && event.result !== 'failed' && seq > rescue.seq;
    const [item] = (isBack && run?.unwind?.underWay) || [];
    if (item?.kind === 'restore' && item.checkpoint.seq < (oldest?.seq ?? Number.POSITIVE_INFINITY))
      oldest = item.checkpoint;
    const next = foldEvents([entry], run);
    if (!next.ok) return undefined;
    run = next.value;
  }
  return oldest;
}

/** The restore of the rescue that was begun and did not come to its end. */
function openOperation(events: readonly JournalEvent[], rescue: string): string | undefined {
  let open: string | undefined;
  for (const { event } of events) {
    if (event.type === 'restore.started' && event.checkpoint === rescue) open = event.operation;
    if (event.type === 'restore.finished' && event.checkpoint === rescue) open = undefined;
  }
  return open;
}

/** Whoever looks at the run learns that its files are neither here nor there. */
export function undoWarnings({ journal }: Belay, run: RunState): readonly string[] {
  if (!run.rescue || run.unwind) return [];
  const read = journal.read(run.runId);
  if (!read.ok || openOperation(read.value, run.rescue.id) === undefined) return [];
  return [
    'bringing its files back to before the rollback was interrupted, or is still under way: workflow_rollback with `undo: true` again goes on with it',
  ];
}
