/**
 * A run that stands still because its host has died, or because nobody who is there has its variables as they were when
 * it was created. Told to whoever looks at it; nothing is recorded, because a host may come at any moment.
 */
import { isFinal } from '../engine/core/events.ts';
import { LEASE_MS } from '../engine/core/limits.ts';
import type { RunState } from '../engine/core/state.ts';
import type { Belay } from './belay.ts';
import { isAtRest } from './is-at-rest.ts';
import type { RunView } from './run-view-schema.ts';

/** Unfinished runs that are looked through for one whose owner has died. */
const RUNS_LOOKED_MAX = 1_000;
const WAIT_SECONDS = 20;

/** Why the run stands still, and the way out; undefined for any other run. */
export function strandedRun(belay: Belay, run: RunState): Pick<RunView, 'reason' | 'next'> | undefined {
  if (!isUnderWay(run)) return undefined;
  const lacking = belay.secrets.lacking(run);
  if (lacking.length === 0) return hostlessRun(belay, run);
  if (isDriven(belay, run.runId)) return undefined;
  const run_id = run.runId;
  return {
    reason: `no host drives it: ${namesText(lacking)} not set here as when the run was created; \`belay resume ${run_id}\` in a shell where ${lacking.length === 1 ? 'it is' : 'they are'} lets it go on`,
    next: [
      { tool: 'workflow_resume', arguments: { run_id }, why: 'go on with the values that are set here' },
      { tool: 'workflow_cancel', arguments: { run_id }, why: 'give it up' },
    ],
  };
}

/** A process that drives runs itself takes it up within moments: it has nothing to tell. */
function hostlessRun(belay: Belay, run: RunState): Pick<RunView, 'reason' | 'next'> | undefined {
  const isMoving = run.status === 'queued' || run.status === 'running';
  if (belay.host || !isMoving || isAtRest(belay.journal, run) || !isLeftAlone(belay, run)) return undefined;
  const run_id = run.runId;
  return {
    reason: 'no host drives it: `belay host` or any belay server takes it up',
    next: [
      {
        tool: 'workflow_status',
        arguments: { run_id, wait_seconds: WAIT_SECONDS },
        why: 'take it up, and wait for it to move on',
      },
      { tool: 'workflow_cancel', arguments: { run_id }, why: 'give it up' },
    ],
  };
}

/** For longer than a host needs to find it: one that was just created, or is due since a moment, is not meant. */
function isLeftAlone({ journal, clock }: Belay, { runId, seq }: RunState): boolean {
  const sinceMs = clock.now() - LEASE_MS;
  if (!journal.claimable(sinceMs, RUNS_LOOKED_MAX).includes(runId)) return false;
  const last = journal.read(runId, seq - 1);
  return last.ok && last.value.every(({ at }) => at < sinceMs);
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
