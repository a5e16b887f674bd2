/**
 * Following a run event by event until it rests, whoever drives it. The journal is looked at after each hint; the
 * fold is the core's. Waits in the tools see the same run but tell only where it stands.
 */
import type { JournalEvent } from '../engine/core/events.ts';
import type { RunState } from '../engine/core/state.ts';
import { foldEvents } from '../engine/host/load-run.ts';
import type { Belay } from '../tools/belay.ts';
import { isAtRest } from '../tools/is-at-rest.ts';
import { Refusal } from './refusal.ts';

/** Longest time without a look, in case a hint was lost. */
const LOOK_MS = 1_000;

export interface WatchOptions {
  /** Events up to this one are not told. */
  readonly afterSeq: number;
  readonly signal: AbortSignal;
  readonly onEvent: (run: RunState, entry: JournalEvent) => void;
  /** When the watch is over; at rest unless said. */
  readonly until?: (run: RunState) => boolean;
}

/** Resolves with the run when the watch is over, or as it is when `signal` aborts. */
export async function watchRun(belay: Belay, runId: string, options: WatchOptions): Promise<RunState> {
  const { until = (each: RunState) => isAtRest(belay.journal, each) } = options;
  let run: RunState | undefined;
  for (;;) {
    for (const entry of readAfter(belay, runId, run?.seq ?? 0)) {
      const next = foldEvents([entry], run);
      if (!next.ok) throw damaged(next.error.message);
      run = next.value;
      if (entry.seq > options.afterSeq) options.onEvent(run, entry);
    }
    if (!run) throw new Refusal({ code: 'unknown_run', message: `run \`${runId}\` is not known` });
    if (until(run) || options.signal.aborted) return run;
    const problem = belay.host?.problem;
    if (problem) throw new Refusal({ code: problem.code, message: problem.message, hint: DISK_HINT });
    await belay.changes.next(Date.now() + LOOK_MS, options.signal);
  }
}

const DISK_HINT = 'free space on the disk of the data directory, then run belay resume';

function readAfter(belay: Belay, runId: string, seq: number): readonly JournalEvent[] {
  const read = belay.journal.read(runId, seq);
  if (!read.ok) throw damaged(read.error.message);
  return read.value;
}

const damaged = (message: string): Refusal =>
  new Refusal({ code: 'corrupt', message, hint: 'belay doctor says what is affected' });
