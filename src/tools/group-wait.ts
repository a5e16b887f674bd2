/** Why a run that waits for its concurrency group stands still. Told to whoever looks; the journal knows nothing of it. */
import { isFinal } from '../engine/core/events.ts';
import type { Journal } from '../engine/core/ports.ts';
import type { RunState } from '../engine/core/state.ts';
import type { RunView } from './run-view-schema.ts';

export function groupWait(journal: Journal, run: RunState): Pick<RunView, 'reason'> | undefined {
  if (run.group === undefined || run.hasEntered || isFinal(run.status) || run.status === 'paused')
    return undefined;
  const members = journal.groupMembers(run.runId);
  const place = members.findIndex(({ runId }) => runId === run.runId);
  const [first] = members;
  if (!first || place < 1) return undefined;
  const holds = first.hasEntered ? 'has' : 'is the first to get';
  const others = place > 1 ? `, and ${place - 1} more before it` : '';
  return {
    reason: `waits for run ${first.runId}, which ${holds} concurrency group \`${run.group}\`${others}`,
  };
}
