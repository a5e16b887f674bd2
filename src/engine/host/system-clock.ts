/** The machine's clock as the `Clock` port. Long waits are cut so that a clock that jumps is noticed within a minute. */
import type { Clock } from '../core/ports.ts';

/** Longest single timer; also keeps within what `setTimeout` can count (2^31 ms). */
const TIMER_MS_MAX = 60_000;

export const systemClock: Clock = {
  now: Date.now,
  at(atMs, call) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = atMs - Date.now();
      timer = setTimeout(left > TIMER_MS_MAX ? arm : call, Math.max(0, Math.min(left, TIMER_MS_MAX)));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
