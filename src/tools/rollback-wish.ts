/** What a rollback is asked to do, checked against the run as it stands: each thing that does not fit has its words here. */
import type { EventOf } from '../engine/core/events.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import { STRATEGIES, type Strategy } from '../engine/core/model.ts';
import type { ConflictPolicy } from '../engine/core/rollback-events.ts';
import type { CheckpointState } from '../engine/core/rollback-state.ts';
import type { RunState } from '../engine/core/state.ts';
import { nearestText } from './nearest-text.ts';
import type { ToolError } from './tool.ts';

export interface RollbackWords {
  readonly strategy?: Strategy | undefined;
  readonly checkpoint?: string | undefined;
  readonly on_conflict?: ConflictPolicy | undefined;
  readonly reason?: string | undefined;
}

export interface RollbackWish {
  readonly strategy: Strategy;
  /** Strategy `checkpoint`. */
  readonly target?: CheckpointState;
  readonly onConflict: ConflictPolicy;
  readonly reason?: string;
}

/** What is wanted, or why it cannot be; changes nothing. */
export function rollbackWish(run: RunState, words: RollbackWords): Result<RollbackWish, ToolError> {
  const { strategy, reason, on_conflict: onConflict = 'stop' } = words;
  if (strategy === undefined) return err(strategyMissing);
  const misused = misuse(words, strategy) ?? statusProblem(run);
  if (misused) return err(misused);
  const target = strategy === 'checkpoint' ? checkpointOf(run, words.checkpoint) : ok(undefined);
  if (!target.ok) return target;
  return ok({
    strategy,
    onConflict,
    ...(target.value && { target: target.value }),
    ...(reason !== undefined && { reason }),
  });
}

export const requestedEvent = (wish: RollbackWish, by: string): EventOf<'unwind.requested'> => ({
  type: 'unwind.requested',
  strategy: wish.strategy,
  by,
  ...(wish.target && { checkpoint: wish.target.id }),
  ...(wish.onConflict !== 'stop' && { on_conflict: wish.onConflict }),
  ...(wish.reason !== undefined && { reason: wish.reason }),
});

const strategyMissing: ToolError = {
  code: 'invalid_input',
  message: `argument \`strategy\` is missing, expected one of ${STRATEGIES.map((each) => `\`${each}\``).join(', ')}`,
  hint: 'graceful lets running steps end first; `undo: true` without a strategy brings the files back to before the last rollback',
};

function misuse({ checkpoint, on_conflict }: RollbackWords, strategy: Strategy): ToolError | undefined {
  if (checkpoint !== undefined && strategy !== 'checkpoint')
    return {
      code: 'invalid_input',
      message: `\`checkpoint\` goes with strategy \`checkpoint\`, found \`${strategy}\``,
      hint: 'the other strategies take the whole run back',
    };
  if (on_conflict !== undefined && strategy === 'manual')
    return {
      code: 'invalid_input',
      message: '`on_conflict` goes with a rollback that restores files, found strategy `manual`',
      hint: 'strategy manual changes nothing by itself: leave `on_conflict` out',
    };
  return undefined;
}

function statusProblem(run: RunState): ToolError | undefined {
  const { runId: run_id } = run;
  const look = { tool: 'workflow_status', arguments: { run_id }, why: 'see where the run stands' };
  if (run.unwind) {
    return {
      code: 'conflict',
      message: `run \`${run_id}\` is being rolled back already, by ${run.unwind.by} with strategy \`${run.unwind.strategy}\``,
      hint: 'it goes on by itself, or waits for an answer; workflow_status with wait_seconds follows it',
      next: [look],
    };
  }
  if (run.status === 'queued') {
    return {
      code: 'conflict',
      message: `run \`${run_id}\` is queued: nothing has started, so there is nothing to take back`,
      hint: 'workflow_cancel ends it',
      next: [{ tool: 'workflow_cancel', arguments: { run_id }, why: 'end it before it starts' }],
    };
  }
  if (run.status === 'rolled_back') {
    return {
      code: 'conflict',
      message: `run \`${run_id}\` is rolled back already`,
      hint: run.rescue
        ? '`undo: true` brings the files back to what they were before'
        : 'start a new run with workflow_execute',
      next: [look],
    };
  }
  return undefined;
}

function checkpointOf(run: RunState, name: string | undefined): Result<CheckpointState, ToolError> {
  const known = [...run.checkpoints.keys()];
  const wanted = run.checkpoints.get(name ?? known.at(-1) ?? '');
  if (wanted) return ok(wanted);
  const none = `run \`${run.runId}\` has no checkpoint${run.checkpointSkipped === undefined ? '' : `: ${run.checkpointSkipped}`}`;
  return err({
    code: 'unknown_checkpoint',
    message:
      known.length === 0
        ? none
        : `checkpoint \`${name}\` is not in run \`${run.runId}\`; ${nearestText(name ?? '', known)}`,
    hint:
      known.length === 0
        ? 'strategy graceful takes back the whole run'
        : 'the latest is taken when none is named; nothing was changed',
    data: { checkpoints: known.slice(-CHECKPOINTS_NAMED_MAX) },
  });
}

/** Named in an error; workflow_status with include checkpoints has all. */
const CHECKPOINTS_NAMED_MAX = 50;
