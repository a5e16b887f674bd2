/**
 * The calls of one driven run that this process makes: begins them, tells them to end, lets go of them.
 * Knows no journal; what comes of a call is told to whoever began it.
 * 1. Of each call one end is told, and none after `leave`.
 * 2. A call that was told to end and goes on regardless is given up after the grace: what it says then counts no more.
 */
import { KILL_GRACE_MS } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';
import type { CallIo, Outcome } from '../core/step-type.ts';

/** How a call ended; `bug`: it threw. */
export type CallEnd =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'stopped'; readonly why: 'cancelled' | 'timeout' }
  | { readonly kind: 'bug'; readonly message: string };

interface UnderWay {
  readonly abort: AbortController;
  readonly end: (how: CallEnd) => void;
  stopped?: 'cancelled' | 'timeout';
}

export class RunCalls {
  readonly #clock: Clock;
  /** By the sequence number of the attempt. */
  readonly #underWay = new Map<number, UnderWay>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(seq: number, perform: (io: CallIo) => Promise<Outcome>, ended: (how: CallEnd) => void): void {
    const abort = new AbortController();
    const end = (how: CallEnd) => {
      if (this.#underWay.get(seq) !== call) return;
      this.#underWay.delete(seq);
      ended(how);
    };
    const call: UnderWay = { abort, end };
    this.#underWay.set(seq, call);
    void endOf(perform, abort.signal).then((how) => end(asStopped(call, how)));
  }

  /** One that has ended already is left as it is. */
  stop(seq: number, why: 'cancelled' | 'timeout'): void {
    const call = this.#underWay.get(seq);
    if (!call) return;
    call.stopped = why;
    this.#clock.at(this.#clock.now() + KILL_GRACE_MS, () => call.end({ kind: 'stopped', why }));
    call.abort.abort();
  }

  /** Ends all of them; nobody here records what becomes of them. */
  leave(): void {
    const calls = [...this.#underWay.values()];
    this.#underWay.clear();
    for (const { abort } of calls) abort.abort();
  }
}

async function endOf(perform: (io: CallIo) => Promise<Outcome>, signal: AbortSignal): Promise<CallEnd> {
  try {
    return { kind: 'outcome', outcome: await perform({ signal }) };
  } catch (error) {
    return { kind: 'bug', message: error instanceof Error ? error.message : String(error) };
  }
}

/** It may have done its work before it heard that it should end; any other end is what it was told to do. */
function asStopped({ stopped }: UnderWay, how: CallEnd): CallEnd {
  const isDone = how.kind === 'outcome' && how.outcome.ok;
  return stopped && !isDone ? { kind: 'stopped', why: stopped } : how;
}
