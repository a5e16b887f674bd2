/**
 * A run that stands still because nobody who is there has its variables as they were when it was created. Told to
 * whoever looks at it; nothing is recorded, because a host that has them may come at any moment.
 */
import { isFinal } from '../engine/core/events.ts';
import type { RunState } from '../engine/core/state.ts';
import type { Belay } from './belay.ts';
import type { RunView } from './run-view-schema.ts';

/** Unfinished runs that are looked through for one whose owner has died. */
const RUNS_LOOKED_MAX = 1_000;

/** Why the run stands still, and the way out; undefined for any other run. */
export function strandedRun(belay: Belay, run: RunState): Pick<RunView, 'reason' | 'next'> | undefined {
  if (!isUnderWay(run)) return undefined;
  const lacking = belay.secrets.lacking(run);
  if (lacking.length === 0 || isDriven(belay, run.runId)) return undefined;
  const run_id = run.runId;
  return {
    reason: `no host drives it: ${namesText(lacking)} not set here as when the run was created; \`belay resume ${run_id}\` in a shell where ${lacking.length === 1 ? 'it is' : 'they are'} lets it go on`,
    next: [
      { tool: 'workflow_resume', arguments: { run_id }, why: 'go on with the values that are set here' },
      { tool: 'workflow_cancel', arguments: { run_id }, why: 'give it up' },
    ],
  };
}

export const isUnderWay = (run: RunState): boolean => !isFinal(run.status) && run.status !== 'paused';

/** Some living host has the run in hand. */
export function isDriven({ journal, clock }: Belay, runId: string): boolean {
  if (journal.run(runId)?.owner === undefined) return false;
  return !journal.claimable(clock.now(), RUNS_LOOKED_MAX).includes(runId);
}

/** `A` is; `A` and `B` are */
export const namesText = (names: readonly string[]): string =>
  `${names.map((name) => `\`${name}\``).join(' and ')} ${names.length === 1 ? 'is' : 'are'}`;
