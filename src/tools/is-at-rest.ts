/** When waiting for a run is over. */
import { isFinal } from '../engine/core/events.ts';
import type { RunState } from '../engine/core/state.ts';

/** Nothing more happens without somebody's word. */
export const isAtRest = (run: RunState): boolean =>
  isFinal(run.status) ||
  run.status === 'paused' ||
  (run.status === 'waiting' && [run.running, run.ready, run.stopping].every((steps) => steps.size === 0));
