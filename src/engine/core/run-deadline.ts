/**
 * The timeout of a whole run. It begins when the run begins, and anew when a run that stood still is resumed.
 * 1. It counts while steps are on their way: rollback and cleanup run through, and a paused run loses no time.
 */
import type { Entry } from './events.ts';
import { isFinal } from './events.ts';
import { activeTasks, halt } from './frames.ts';
import type { RunState } from './state.ts';

/** Of its timer. */
export const DEADLINE = 'run:';

/** After each event of the run. */
export function keepDeadline(run: RunState, { event, at }: Entry): void {
  const { timeoutMs } = run.workflow;
  if (timeoutMs === undefined) return;
  if (!counts(run)) {
    run.timers.drop(DEADLINE);
    delete run.deadlineAt;
  } else if (run.deadlineAt === undefined && (event.type === 'run.started' || event.type === 'run.resumed')) {
    run.deadlineAt = at + timeoutMs;
    run.timers.set(DEADLINE, run.deadlineAt);
  }
}

function counts(run: RunState): boolean {
  const isMoving = !isFinal(run.status) && run.status !== 'paused' && run.status !== 'queued';
  return isMoving && run.phase === 'steps' && !run.unwind && !run.cancel && !run.timedOut;
}

/** What waits ends, what runs is ended, nothing new starts: as after an immediate cancel, but the run has failed. */
export function timeOutRun(run: RunState): string | undefined {
  if (run.deadlineAt === undefined) return 'the run has no deadline';
  run.timedOut = true;
  delete run.pausing;
  halt(run, run.steps);
  for (const task of activeTasks(run.steps)) {
    task.stopping ??= 'cancelled';
    run.stopping.add(task);
  }
  return undefined;
}

/** Why it ends. */
export const deadlineReason = ({ workflow }: RunState): string =>
  `timeout: the run did not end within ${(workflow.timeoutMs ?? 0) / 1_000} s`;
