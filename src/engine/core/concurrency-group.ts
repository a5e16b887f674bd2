/**
 * Membership of a run in its concurrency group, as far as the run itself knows: whether it counts at all, and whether it
 * has entered. Who may enter next is for the store to say, which sees all runs of the group.
 * 1. A run enters with a claim, and stays until it is final: also while it waits for somebody, or is paused.
 * 2. A run that never began and is to end or pause needs no place: it leaves the line, and does so at once.
 */
import { isFinal } from './events.ts';
import type { GroupChange } from './ports.ts';
import type { RunState } from './state.ts';

/** What the store has to know; undefined for a run without a group. */
export function groupChange(run: RunState): GroupChange | undefined {
  if (run.group === undefined) return undefined;
  const isLeaving = run.status === 'queued' && (run.cancel !== undefined || run.pausing !== undefined);
  const isMember = !isFinal(run.status) && !isLeaving;
  const { group: name, onConflict } = run;
  return { name, isMember, hasEntered: run.hasEntered === true, replaces: onConflict === 'replace' };
}

/** After each event: an end gives the place up, and so does a pause before the beginning. */
export function leaveGroup(run: RunState): void {
  const neverBegan = run.status === 'paused' && run.startedAt === undefined;
  if (neverBegan || isFinal(run.status)) delete run.hasEntered;
}
