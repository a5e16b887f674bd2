/**
 * What the engine needs from outside, as narrow interfaces. The store implements `Journal`, the host
 * implements `ProcessRunner`; tests and later adapters (Restate, Temporal) implement their own.
 */
import type { ArtifactRow, WithGiven } from './artifact.ts';
import type { Event, EventOf, JournalEvent, RunStatus, StepKey, StepStatus } from './events.ts';
import type { Failure, Result } from './failure.ts';
import type { JsonObject, Workflow } from './model.ts';
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

/** Where a run stands in its concurrency group. */
export interface GroupChange {
  readonly name: string;
  /** It has the group, or waits for it. */
  readonly isMember: boolean;
  readonly hasEntered: boolean;
  /** Those that were there before it are to go. */
  readonly replaces: boolean;
}

/** Of a concurrency group: the run that has it, or one that waits for it. */
export interface GroupMember {
  readonly runId: string;
  readonly hasEntered: boolean;
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
  /** A later row of the same kind and name takes the place of an earlier one. */
  readonly artifacts?: readonly ArtifactRow[];
  readonly group?: GroupChange;
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
  /** Of a new run with `on_conflict: reject`: that run has its group, or is the first to get it. */
  | { readonly kind: 'group_taken'; readonly run: string }
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
  /** Who has the run's concurrency group, then who waits for it, in order; empty where it is in none. */
  groupMembers(runId: string): readonly GroupMember[];
  /** Unfinished runs that the attempt has started (`parent` of their first event), oldest first. */
  innerRuns(attempt: AttemptRef): readonly string[];

  /** Registers the host and renews its lease in one call; false when its row was taken away (it was declared dead). */
  renew(identity: HostIdentity, nowMs: number): boolean;
  /** Gives up all runs of the host and forgets it; each of them is looked at by whoever comes next. */
  release(host: string): void;
  /** Gives up one run that has nothing to do now, so that any host may claim it when it has. */
  releaseRun(runId: string, host: string): void;
  /**
   * Takes a run whose owner is nobody, dead or out of lease; appends `run.claimed` with the next epoch. `waits`: another
   * run has its concurrency group, or goes before it.
   */
  claim(
    runId: string,
    host: string,
    nowMs: number,
  ): Result<{ readonly epoch: number }, 'held' | 'unknown_run' | 'final' | 'waits'>;
  /**
   * Unfinished runs that nobody alive owns and that have something to do by `nowMs`: higher priority first, then the
   * oldest. Of those that wait for a concurrency group only one that may enter, or is to replace others.
   */
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

/** The bytes of artifacts by their sha256: in the data folder, or wherever else somebody implements this. */
export interface ArtifactStore {
  /** Keeps all of them, durable when it resolves. Rejects with the error of `bytes` or of the storage; nothing is left then. */
  put(bytes: AsyncIterable<Uint8Array>): Promise<StoredObject>;
  /** Undefined where there is no such object. Ends with an error where the bytes are not what the name promises. */
  read(sha256: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Removes what nothing refers to, but for what was put within the grace: its event may be on the way. */
  collect(request: ObjectCollection): Promise<CollectedObjects>;
}

export interface StoredObject {
  readonly sha256: string;
  readonly size: number;
}

export interface ObjectCollection {
  /** Something refers to the object; asked again right before it goes. */
  isNeeded(sha256: string): boolean;
  readonly nowMs: number;
  readonly dryRun: boolean;
}

export interface CollectedObjects {
  readonly objects: number;
  readonly bytes: number;
  readonly left: { readonly objects: number; readonly bytes: number };
}

/** What becomes of a file that a step or a run hands out. */
export interface ArtifactIntake {
  /** Stores the first of `wish.places` where there is something; a folder as tar. */
  keep(wish: ArtifactWish): Promise<Result<KeptArtifact, Failure>>;
}

/** Artifacts of other runs, for one that is about to begin. */
export interface ArtifactGiver {
  /** Fixes what each reference among the inputs means, and puts a copy where the run will read it. */
  give(workflow: Workflow, inputs: JsonObject): Promise<Result<WithGiven, Failure>>;
}

export interface ArtifactWish {
  /** For messages: `artifact \`bundle\` of step \`build\``. */
  readonly about: string;
  /** Absolute. */
  readonly places: readonly string[];
  /** Absolute folders; what lies in none of them is refused, links followed. */
  readonly workspace: readonly string[];
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

export interface KeptArtifact extends StoredObject {
  readonly mediaType: string;
  /** Of a folder: the files in it. */
  readonly files?: number;
  /** What was left out. */
  readonly warnings: readonly string[];
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
