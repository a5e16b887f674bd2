/** The step that starts a run: found by the marker that each step's process carries, in the journal of its run. */
import type { ParentStep } from '../core/events.ts';
import type { Failure, Result } from '../core/failure.ts';
import { err, ok } from '../core/failure.ts';
import { RUN_DEPTH_MAX } from '../core/limits.ts';
import type { AttemptRef, Journal } from '../core/ports.ts';
import { foldEvents } from './load-run.ts';

type Refused = Pick<Failure, 'code' | 'message' | 'hint'>;

/** Undefined for an attempt that this journal does not know: it belongs to another data folder. */
export function parentStep(journal: Journal, attempt: AttemptRef): Result<ParentStep | undefined, Refused> {
  const read = journal.read(attempt.runId);
  const begun = read.ok ? read.value[attempt.seq - 1]?.event : undefined;
  if (!read.ok || begun?.type !== 'step.started') return ok(undefined);
  const folded = foldEvents(read.value);
  if (!folded.ok) return ok(undefined);
  const run = folded.value;
  const depth = (run.parent?.depth ?? 0) + 1;
  if (depth > RUN_DEPTH_MAX) {
    return err({
      code: 'limit',
      message: `runs start one another ${depth} deep, at most ${RUN_DEPTH_MAX}: step \`${begun.step}\` of run \`${run.runId}\` would start another`,
      hint: 'a step starts its own workflow again, directly or through others: give it a condition that ends',
    });
  }
  const step = run.byKey.get(begun.step);
  const isCancelled = step?.stopping !== undefined || (run.cancel && step?.frame.root === 'steps');
  if (step?.seq === attempt.seq && isCancelled) {
    return err({
      code: 'conflict',
      message: `step \`${begun.step}\` of run \`${run.runId}\` is being stopped and starts no more runs`,
    });
  }
  return ok({ run: run.runId, step: begun.step, seq: attempt.seq, depth });
}
