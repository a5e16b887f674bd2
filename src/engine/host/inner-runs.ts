/**
 * Runs that a step has started (`belay run` in a script): when the step is stopped, so are they. The request goes to
 * the journal, so that it reaches them wherever they are driven, or as soon as anybody drives them.
 * 1. An attempt that was stopped is looked at twice: when it is told to end, and when nothing of it lives that could
 *    start another run. Asking again changes nothing, so that a host that takes over may do both anew.
 */
import type { Event } from '../core/events.ts';
import type { AttemptRef, Journal } from '../core/ports.ts';
import type { RunState } from '../core/state.ts';
import { type CancelMode, cancelRun } from './run-requests.ts';

/** Failures of attempts that were stopped from outside. */
const STOPPED: ReadonlySet<string> = new Set(['cancelled', 'timeout', 'output_limit']);

export class InnerRuns {
  readonly #journal: Journal;
  readonly #now: () => number;
  readonly #kick: (runId: string) => void;
  /** Requests that have been handed down. */
  readonly #handed = new WeakSet<NonNullable<RunState['cancel']>>();

  /** @param kick tells this host of a run that has changed */
  constructor(journal: Journal, now: () => number, kick: (runId: string) => void) {
    this.#journal = journal;
    this.#now = now;
    this.#kick = kick;
  }

  /** A graceful cancel lets running steps end by themselves; the runs they started begin nothing new either. */
  ending({ runId, cancel, running }: RunState): void {
    if (cancel?.mode !== 'graceful' || this.#handed.has(cancel)) return;
    this.#handed.add(cancel);
    for (const { process, innerRun, frame, seq } of running) {
      if ((process || innerRun) && frame.root === 'steps' && seq !== undefined)
        this.#cancel({ runId, seq }, 'graceful', 'cancelled');
    }
  }

  /** The attempt is told to end. */
  stopped(attempt: AttemptRef, why: 'cancelled' | 'timeout'): void {
    this.#cancel(attempt, 'immediate', why === 'timeout' ? 'out of time' : 'cancelled');
  }

  /** The event that ends an attempt; not applied yet. */
  ended(run: RunState, event: Event): void {
    if (event.type !== 'step.failed' && event.type !== 'step.retry_scheduled') return;
    const step = run.byKey.get(event.step);
    if (!step?.process || step.seq === undefined || !STOPPED.has(event.failure?.code ?? '')) return;
    this.#cancel({ runId: run.runId, seq: step.seq }, 'immediate', 'stopped');
  }

  #cancel(attempt: AttemptRef, mode: CancelMode, what: string): void {
    const requester = { journal: this.#journal, now: this.#now, by: `run:${attempt.runId}` };
    const reason = `the step of run ${attempt.runId} that started it was ${what}`;
    for (const runId of this.#journal.innerRuns(attempt)) {
      const cancelled = cancelRun(requester, runId, { mode, reason });
      // not now: this host may have the inner run in hand this very moment
      if (cancelled.ok) setImmediate(() => this.#kick(runId));
    }
  }
}
