/**
 * All that a run waits for by the clock. Retries are kept apart: thousands of them may be due and wait for slots,
 * and none of these may be looked at again for each event.
 */
import { TimerQueue } from './timer-queue.ts';

/** `due` and `nextAfter` leave the retries out; `next` is the earliest of everything. */
export class RunTimers extends TimerQueue {
  /** Tasks that wait for their next attempt, by step key. */
  readonly retries = new TimerQueue();

  override get next(): number | undefined {
    const other = super.next;
    const retry = this.retries.next;
    return other === undefined || retry === undefined ? (other ?? retry) : Math.min(other, retry);
  }
}
