/** The runs that do the work of a run's steps: who they are, and what they wait for. */
import { isFinal } from '../engine/core/events.ts';
import type { Journal } from '../engine/core/ports.ts';
import type { RunState } from '../engine/core/state.ts';
import { loadRun } from '../engine/host/load-run.ts';
import { isAtRest } from './is-at-rest.ts';
import type { RunView } from './run-view-schema.ts';

/** Shown with one run at most. */
const RUNS_MAX = 50;

/** Unfinished ones of steps under way, each before those of its own steps. */
export function innerRuns(journal: Journal, run: RunState): readonly RunState[] {
  const found: RunState[] = [];
  const collect = (of: RunState) => {
    for (const { innerRun } of of.delegating) {
      const loaded = innerRun && found.length < RUNS_MAX ? loadRun(journal, innerRun.id) : undefined;
      if (!loaded?.ok || isFinal(loaded.value.status)) continue;
      found.push(loaded.value);
      collect(loaded.value);
    }
  };
  collect(run);
  return found;
}

/** A run that only waits for runs which wait for somebody waits itself, though it has no question of its own. */
export function innerWait(
  journal: Journal,
  run: RunState,
  inner: readonly RunState[],
): Pick<RunView, 'status' | 'reason'> | undefined {
  const [held] = inner.filter(({ status }) => status === 'waiting' || status === 'paused');
  if (!held || run.status !== 'running' || !isAtRest(journal, run)) return undefined;
  const reason =
    held.status === 'paused' ? `is paused: ${held.reason ?? 'asked for'}` : 'waits for an answer';
  return { status: 'waiting', reason: `run ${held.runId} of workflow \`${held.workflow.name}\` ${reason}` };
}
