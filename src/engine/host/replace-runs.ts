/**
 * `on_conflict: replace`: a run that waits for its group ends those that were there before it. Whoever looks at the run
 * does so, until they have ended, so that it does not matter who dies on the way.
 * 1. A run ends only earlier ones, so that of two that replace each other the later one stays.
 */
import { isFinal } from '../core/events.ts';
import type { GroupMember, Journal } from '../core/ports.ts';
import type { RunState } from '../core/state.ts';
import { cancelRun } from './run-requests.ts';

interface Replacing {
  readonly journal: Journal;
  readonly host: string;
  kick(runId: string): void;
}

export function replaceRuns({ journal, host, kick }: Replacing, run: RunState, nowMs: number): void {
  if (run.onConflict !== 'replace' || run.cancel || isFinal(run.status)) return;
  const requester = { journal, now: () => nowMs, by: host };
  const reason = `replaced by run ${run.runId} of concurrency group ${run.group}`;
  for (const member of journal.groupMembers(run.runId)) {
    const { runId } = member;
    if (!isEarlier(journal, member, run)) continue;
    const cancelled = cancelRun(requester, runId, { mode: 'immediate', reason });
    if (cancelled.ok) kick(runId);
  }
}

/** Of two that came in the same millisecond, the one that has entered. */
function isEarlier(journal: Journal, { runId, hasEntered }: GroupMember, run: RunState): boolean {
  const row = journal.run(runId);
  if (!row || runId === run.runId) return false;
  if (row.createdAt !== run.createdAt) return row.createdAt < run.createdAt;
  return hasEntered || runId < run.runId;
}
