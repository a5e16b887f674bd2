/** A rollback whose host has died on the way: whoever asks for one goes on with it instead of being refused. */
import type { RunState } from '../engine/core/state.ts';
import type { Belay } from './belay.ts';
import type { RollbackWords } from './rollback-wish.ts';
import type { RunView } from './run-view-schema.ts';
import { isDriven } from './stranded-run.ts';

/** It is no rollback that waits for a person, and this process may drive it. */
export const isAbandoned = (belay: Belay, run: RunState): boolean =>
  isUnwinding(run) && belay.secrets.lacking(run).length === 0 && !isDriven(belay, run.runId);

/** A process that has just come has it: it was abandoned before. */
export const isAdopted = (belay: Belay, run: RunState): boolean =>
  isUnwinding(run) && belay.hostId !== undefined && belay.journal.run(run.runId)?.owner === belay.hostId;

const isUnwinding = ({ unwind, status }: RunState): boolean => unwind !== undefined && status !== 'waiting';

/** That another strategy is under way than the one asked for. */
export function otherWish({ unwind }: RunState, words: RollbackWords): readonly string[] {
  if (!unwind) return [];
  const { strategy, target } = unwind;
  const isSame = (words.strategy ?? strategy) === strategy && (words.checkpoint ?? target) === target;
  const to = target === undefined ? '' : ` to checkpoint \`${target}\``;
  return isSame
    ? []
    : [`a rollback with strategy \`${strategy}\`${to} is under way: it is the one that goes on`];
}

/** Why it stands still, and the way on; undefined for any other run. */
export function abandonedRollback(belay: Belay, run: RunState): Pick<RunView, 'reason' | 'next'> | undefined {
  if (!run.unwind || !isAbandoned(belay, run)) return undefined;
  const run_id = run.runId;
  const { strategy, target } = run.unwind;
  return {
    reason: `its rollback was interrupted and no host drives it: \`belay rollback ${run_id}\` goes on with it`,
    next: [
      {
        tool: 'workflow_rollback',
        arguments: { run_id, strategy, ...(target !== undefined && { checkpoint: target }) },
        why: 'go on with the rollback that was interrupted',
      },
    ],
  };
}
