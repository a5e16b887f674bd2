/**
 * What the engine needs from outside, as narrow interfaces. The store implements `Journal`, the host
 * implements `ProcessRunner`; tests and later adapters (Restate, Temporal) implement their own.
 */
import type { Event, EventOf, JournalEvent, RunStatus, StepKey, StepStatus } from './events.ts';
import type { Result } from './failure.ts';
import type { ProcessExit, ProcessSpec } from './step-type.ts';

export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Calls back once, not before `atMs`; the returned function takes it back. */
  at(atMs: number, call: () => void): () => void;
}

/** One row per step instance; kept by the store beside the events, rebuilt from them. */
export interface StepRow {
  readonly key: StepKey;
  readonly type: string;
  readonly status: StepStatus;
  readonly attempts: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly exitCode?: number;
  /** Failure code. */
  readonly error?: string;
}

export interface QuestionRow {
  readonly question: string;
  readonly step: StepKey;
  readonly status: 'open' | 'answered' | 'expired' | 'withdrawn';
  readonly expiresAt?: number;
}

/** What the events of one append changed in the projections; computed by `core/projection`. */
export interface ProjectionChange {
  readonly status: RunStatus;
  readonly reason?: string;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Task instances finished, and known so far. */
  readonly done: number;
  readonly total: number;
  /** Earliest timer of the run, epoch ms. */
  readonly nextTimerAt?: number;
  readonly steps: readonly StepRow[];
  readonly questions: readonly QuestionRow[];
}

export interface Append {
  readonly runId: string;
  /** Sequence number of the last event the appender has seen. */
  readonly expectedSeq: number;
  /** The appender's lease. Absent for requests from outside (answer, cancel, resume), which need only `expectedSeq`. */
  readonly epoch?: number;
  readonly host: string;
  readonly atMs: number;
  readonly events: readonly Event[];
  readonly change: ProjectionChange;
}

export type AppendRefused =
  /** Somebody else appended first: read the events after `expectedSeq`, decide again. */
  | { readonly kind: 'conflict'; readonly seq: number }
  /** The lease has gone to another host: stop driving this run. */
  | { readonly kind: 'fenced'; readonly epoch: number }
  | { readonly kind: 'unknown_run' }
  /** Disk full, I/O error: nothing was written; the host stops cleanly. */
  | { readonly kind: 'storage'; readonly message: string };

/** Identity of a process that may own runs; enough to know for certain that it is dead. */
export interface HostIdentity {
  readonly host: string;
  readonly pid: number;
  /** Start time of the pid, from the kernel; '' where the platform gives none. */
  readonly startTime: string;
  readonly bootId: string;
}

export interface RunRow {
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly reason?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly done: number;
  readonly total: number;
  readonly seq: number;
  readonly epoch: number;
  readonly owner?: string;
  readonly nextTimerAt?: number;
}

export interface RunQuery {
  readonly workflow?: string;
  readonly status?: RunStatus;
  readonly sinceMs?: number;
  readonly limit: number;
  readonly cursor?: string;
}

export interface Journal {
  /** First event of a new run. With a key that was used before: `existing` names the first run, nothing is written. */
  create(
    runId: string,
    event: EventOf<'run.created'>,
    by: { readonly host: string; readonly atMs: number },
    change: ProjectionChange,
  ): Result<{ readonly existing?: string }, AppendRefused>;
  /** All batches in one durable transaction; each gets its own answer, and a refused one does not stop the others. */
  append(batches: readonly Append[]): readonly Result<readonly JournalEvent[], AppendRefused>[];
  /** Events after `afterSeq`, in order, checksums verified. */
  read(runId: string, afterSeq?: number): Result<readonly JournalEvent[], Corruption>;
  run(runId: string): RunRow | undefined;
  runs(query: RunQuery): { readonly runs: readonly RunRow[]; readonly nextCursor?: string };
  /** Run ids that start with `prefix`, newest first. */
  runIds(prefix: string, limit: number): readonly string[];
  stepRows(runId: string, limit: number): readonly StepRow[];
  /** Unfinished runs that the attempt has started (`parent` of their first event), oldest first. */
  innerRuns(attempt: AttemptRef): readonly string[];

  /** Registers the host and renews its lease in one call; false when its row was taken away (it was declared dead). */
  renew(identity: HostIdentity, nowMs: number): boolean;
  /** Gives up all runs of the host and forgets it; each of them is looked at by whoever comes next. */
  release(host: string): void;
  /** Gives up one run that has nothing to do now, so that any host may claim it when it has. */
  releaseRun(runId: string, host: string): void;
  /** Takes a run whose owner is nobody, dead or out of lease; appends `run.claimed` with the next epoch. */
  claim(
    runId: string,
    host: string,
    nowMs: number,
  ): Result<{ readonly epoch: number }, 'held' | 'unknown_run' | 'final'>;
  /** Unfinished runs that nobody alive owns and that have something to do by `nowMs`, oldest first. */
  claimable(nowMs: number, limit: number): readonly string[];

  /** Content-addressed bytes beside the database. */
  putBlob(bytes: Uint8Array): string;
  getBlob(sha256: string): Uint8Array | undefined;
  /** Calls back (coalesced) when another connection or process has committed. A hint, never the truth. */
  watch(call: () => void): () => void;
  close(): void;
}

export interface Corruption {
  readonly runId: string;
  /** Last sequence number that verifies. */
  readonly goodSeq: number;
  readonly message: string;
}

/** How an earlier host's attempt was found. */
export type Found =
  /** Its process lives; `exit` will be called. */
  | { readonly kind: 'attached' }
  /** It had ended; `exit` will be called. */
  | { readonly kind: 'finished' }
  /** Nothing ran and nothing will: the start file is ours now. */
  | { readonly kind: 'never_started' }
  /** It ran under another boot of the machine. */
  | { readonly kind: 'rebooted' };

export interface AttemptRef {
  readonly runId: string;
  /** Sequence number of its `step.started`; names its files. */
  readonly seq: number;
}

/** Runs step processes that outlive this program. Every method returns at once. */
export interface ProcessRunner {
  start(attempt: AttemptRef, spec: ProcessSpec, exit: (exit: ProcessExit) => void): void;
  /** For an attempt started by an earlier host (or this one before a crash). */
  recover(
    attempt: AttemptRef,
    spec: Pick<ProcessSpec, 'separate' | 'logBytesMax' | 'onLogLimit' | 'killGraceMs'>,
    exit: (exit: ProcessExit) => void,
  ): Found;
  /** TERM, then KILL after the grace, to everything the attempt started; `exit` follows. */
  stop(attempt: AttemptRef, why: 'timeout' | 'cancelled' | 'output_limit'): void;
  /** Lets go of a run's processes without touching them: somebody else looks after them, or nobody does. */
  leave(runId: string): void;
  /** Lets go of all processes without touching them. */
  close(): void;
}
