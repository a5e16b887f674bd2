/**
 * Brings the files of a run back to what they were before its last rollback. Nobody drives it: the call itself does,
 * between two events, and the next call goes on where one was interrupted.
 */
import type { Restored } from '../checkpoint/snapshot.ts';
import type { EventOf } from '../engine/core/events.ts';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import type { RunState } from '../engine/core/state.ts';
import type { PlanLine } from '../engine/host/plan-unwind.ts';
import { request } from '../engine/host/run-requests.ts';
import { failed, refusedRequest } from './answers.ts';
import { showRun } from './follow-run.ts';
import { requester } from './requester.ts';
import { type RescueFiles, rescueFiles } from './rescue-files.ts';
import { planJson } from './rollback-plan.ts';
import type { ToolAnswer, ToolContext, ToolError, ToolResult } from './tool.ts';

export interface PlannedRescue {
  readonly files: RescueFiles;
  readonly lines: readonly PlanLine[];
}

export async function planRescue(
  { belay }: ToolContext,
  run: RunState,
  diffBytesMax: number,
): Promise<Result<PlannedRescue, ToolError>> {
  const read = belay.journal.read(run.runId);
  if (!read.ok) return err({ code: 'corrupt', message: read.error.message });
  const files = rescueFiles(run, read.value);
  if (!files.ok) return files;
  const plan = await belay.snapshots.plan(files.value.target, { diffBytesMax });
  const checkpoint = files.value.rescue.id;
  const line = { order: 1, step: '', kind: 'restore' as const, checkpoint };
  const lines: readonly PlanLine[] = plan.ok
    ? [{ ...line, reversible: true, files: plan.value }]
    : [{ ...line, reversible: false, why: plan.error.message }];
  return ok({ files: files.value, lines });
}

/** @param keep files in this list stay as others have made them */
export async function undoRollback(
  context: ToolContext,
  run: RunState,
  { files, lines }: PlannedRescue,
  keep: string | undefined,
): Promise<ToolAnswer> {
  const { belay } = context;
  const { runId } = run;
  const { rescue, target } = files;
  const operation = files.operation ?? `${runId}-${run.seq + 1}`;
  const begun = request<ToolError>(requester(context), runId, (now) => {
    const still = now.rescue?.id === rescue.id && now.seq === run.seq;
    return still
      ? ok({ type: 'restore.started', checkpoint: rescue.id, operation })
      : err({ code: 'conflict', message: 'the run has moved on meanwhile', hint: 'call again' });
  });
  if (!begun.ok) return refused(context, runId, begun.error);
  const restored = await belay.snapshots.restore({
    ...target,
    operation,
    ...(keep !== undefined && { keep }),
  });
  const ended = request<ToolError>(requester(context), runId, () => ok(finishedEvent(rescue.id, restored)));
  if (!ended.ok) return refused(context, runId, ended.error);
  if (!restored.ok) return failed({ ...restored.error, data: planJson(lines) });
  const warnings = outcome(restored.value, run);
  return showRun(context, runId, { waitSeconds: 0, warnings, besides: planJson(lines) });
}

function refused(
  { belay }: ToolContext,
  runId: string,
  error: ToolError | Parameters<typeof refusedRequest>[2],
): ToolResult {
  return 'hint' in error ? failed(error) : refusedRequest(belay, runId, error as never);
}

function finishedEvent(checkpoint: string, restored: Result<Restored, Failure>): EventOf<'restore.finished'> {
  if (!restored.ok) {
    const nothing = { created: 0, changed: 0, deleted: 0, kept: 0 };
    return { type: 'restore.finished', checkpoint, result: 'failed', ...nothing, failure: restored.error };
  }
  const { problems, problemCount, ...counts } = restored.value;
  const differs = problemCount > 0 ? { problems, problem_count: problemCount } : {};
  return { type: 'restore.finished', checkpoint, ...counts, ...differs };
}

/** What did not come back. */
function outcome({ result, created, changed, deleted, kept, problems }: Restored, run: RunState): string[] {
  const counts = `${created} created, ${changed} changed, ${deleted} deleted${kept > 0 ? `, ${kept} kept as others made them` : ''}`;
  const undone = (run.unwound?.items ?? []).filter(
    ({ kind, status }) => kind === 'undo' && status === 'done',
  );
  const captured = (run.unwound?.items ?? []).some(
    (item) => item.kind === 'restore' && item.status === 'done' && (item.checkpoint.taken.captures ?? 0) > 0,
  );
  return [
    ...(result === 'complete'
      ? []
      : [`not all files are as they were before the rollback (${result}): ${counts}`]),
    ...problems.map(({ path, reason }) => `${path}: ${reason}`),
    ...(undone.length > 0
      ? [
          `only files came back: what ${undone.length === 1 ? 'the undo command' : `${undone.length} undo commands`} did stays done`,
        ]
      : []),
    ...(captured ? ['only files came back: captured state stays as the rollback left it'] : []),
  ];
}
