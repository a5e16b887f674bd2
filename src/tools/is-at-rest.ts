/** When waiting for a run is over. */
import { isFinal } from '../engine/core/events.ts';
import type { RunState } from '../engine/core/state.ts';

/** Nothing more happens without somebody's word; a word that is still to be taken in is more to happen. */
export const isAtRest = (run: RunState): boolean =>
  isFinal(run.status) ||
  run.status === 'paused' ||
  (run.status === 'waiting' &&
    [run.running, run.ready, run.stopping, run.resolved, run.closing].every((steps) => steps.size === 0));
