/** When waiting for a run is over. */
import { isFinal } from '../engine/core/events.ts';
import type { Journal } from '../engine/core/ports.ts';
import type { RunState, StepState } from '../engine/core/state.ts';
import { loadRun } from '../engine/host/load-run.ts';

/** Nothing more happens without somebody's word; a word that is still to be taken in is more to happen. */
export function isAtRest(journal: Journal, run: RunState): boolean {
  if (isFinal(run.status) || run.status === 'paused') return true;
  if (run.status !== 'waiting' && run.delegating.size === 0) return false;
  const isMoving = [run.ready, run.stopping, run.resolved, run.signalled, run.closing].some(
    (steps) => steps.size > 0,
  );
  return !isMoving && [...run.running].every((step) => restsInside(journal, run, step));
}

/** A step under way that does nothing itself: its call has asked somebody, or its run rests. */
function restsInside(journal: Journal, run: RunState, { asked = [], innerRun }: StepState): boolean {
  if (asked.some((id) => run.questions.get(id)?.status === 'open')) return true;
  const inner = innerRun && loadRun(journal, innerRun.id);
  return inner?.ok === true && !isFinal(inner.value.status) && isAtRest(journal, inner.value);
}
