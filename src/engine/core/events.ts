/**
 * The journal's vocabulary. Names and fields are stored forever: add, never rename.
 * An `Event` is what happened; a `JournalEvent` is that with its place in the journal.
 */
import type { ArtifactNote, GivenArtifact } from './artifact.ts';
import type { Failure } from './failure.ts';
import type { Json, JsonObject, StepKey } from './model.ts';
import type { QuestionEvent, SignalReceived, StepSleeping } from './question-events.ts';
import type { ChangeNote, RollbackEvent } from './rollback-events.ts';
import type { RunCreated, SecretDigests } from './run-created.ts';

export type { StepKey } from './model.ts';
export type { QuestionAsked } from './question-events.ts';
export type { ParentStep, SecretDigests } from './run-created.ts';

/** Why a step or a run did something, in words for people. */
export type Reason = string;

export type Event =
  | RunCreated
  | { readonly type: 'run.claimed'; readonly host: string }
  | { readonly type: 'run.started' }
  | { readonly type: 'run.pause_requested'; readonly reason?: Reason; readonly by: string }
  | { readonly type: 'run.paused'; readonly reason: Reason }
  | {
      readonly type: 'run.resumed';
      readonly by: string;
      readonly from_step?: string;
      /** Other steps that failed stay as they are, and what needs them does not run. */
      readonly only?: true;
      /** The whole new input set when inputs were changed. */
      readonly inputs?: JsonObject;
      /** The workflow as it is from here on, and its digest; absent where it stays the same. */
      readonly definition?: JsonObject;
      readonly digest?: string;
      readonly given?: readonly GivenArtifact[];
      /** The run goes on with the values that its variables have now; alone it may come to a run under way. */
      readonly secrets?: SecretDigests;
    }
  | {
      readonly type: 'run.cancel_requested';
      readonly mode: 'graceful' | 'immediate';
      readonly reason?: Reason;
      readonly by: string;
    }
  /** Its time is over: what is under way is ended and nothing new starts. */
  | { readonly type: 'run.timed_out' }
  | {
      readonly type: 'run.finished';
      readonly status: 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'rolled_back' | 'stuck';
      readonly reason?: Reason;
      readonly outputs?: JsonObject;
      /** Outputs of the run as a whole that are files. */
      readonly artifacts?: readonly ArtifactNote[];
    }
  /** A block opened: its `when` held and its items are fixed. */
  | {
      readonly type: 'step.scheduled';
      readonly step: StepKey;
      /** Loop items; absent for plain groups. A list over the output cap lies in a blob. */
      readonly items?: readonly Json[] | { readonly blob: string };
      readonly count?: number;
      readonly timeout_at?: number;
    }
  | {
      readonly type: 'step.started';
      readonly step: StepKey;
      readonly attempt: number;
      /** When a sleeping step wakes, epoch ms. */
      readonly wake_at?: number;
      /** Where it may go on sleeping: the end of that. */
      readonly deadline_at?: number;
      /** Name of the signal that it waits for. */
      readonly signal?: string;
      readonly timeout_at?: number;
      /** There when a process was asked for: its files are named by this event's sequence number. */
      readonly process?: ProcessTerms;
      /** There when the host makes a call itself: it ends with the host. */
      readonly call?: CallTerms;
      /** There when another run does the work. */
      readonly run?: InnerRunTerms;
      /** It is not performed: files that an earlier run has left are brought back. */
      readonly restores?: true;
      /** A cache keeps its result under this key when it succeeds. */
      readonly cache_key?: string;
      /** How it would be taken back; absent where it changes nothing. */
      readonly undo?: 'steps' | 'checkpoint' | 'irreversible' | 'none';
      /** What others had changed since the last look: not the run's. */
      readonly changes_before?: ChangeNote;
    }
  | {
      readonly type: 'step.succeeded';
      readonly step: StepKey;
      readonly attempt: number;
      readonly outputs?: JsonObject;
      readonly exit_code?: number;
      /** Tail of stdout and stderr (outputs cap); only where an expression reads them. */
      readonly stdout?: string;
      readonly stderr?: string;
      readonly warnings?: readonly string[];
      /** Stored before this event. */
      readonly artifacts?: readonly ArtifactNote[];
      readonly changes?: ChangeNote;
      /** Others were under way: a later look finds what it changed. */
      readonly changes_later?: true;
    }
  | {
      readonly type: 'step.failed';
      readonly step: StepKey;
      readonly attempt: number;
      readonly failure: Failure;
      readonly exit_code?: number;
      readonly outputs?: JsonObject;
      readonly stdout?: string;
      readonly stderr?: string;
      readonly changes?: ChangeNote;
      readonly changes_later?: true;
    }
  /** The next attempt of a task, or the next round of a `repeat`, starts at `at` (epoch ms). */
  | {
      readonly type: 'step.retry_scheduled';
      readonly step: StepKey;
      readonly attempt: number;
      readonly at: number;
      /** The failure that is retried; absent for a round of `repeat`. */
      readonly failure?: Failure;
      readonly exit_code?: number;
      readonly changes?: ChangeNote;
      readonly changes_later?: true;
    }
  /** What a call has done so far; a later host that makes it again begins from there. */
  | { readonly type: 'step.noted'; readonly step: StepKey; readonly attempt: number; readonly note: Json }
  | { readonly type: 'step.skipped'; readonly step: StepKey; readonly reason: Reason }
  | StepCached
  /** A block's time is over: nothing new starts in it and what runs in it is ended. */
  | { readonly type: 'step.stop_requested'; readonly step: StepKey; readonly why: 'timeout' }
  /** `never_started`: given up before its process ran. `reboot`, `host_died` (of a call): outcome unknown. */
  | {
      readonly type: 'step.interrupted';
      readonly step: StepKey;
      readonly attempt: number;
      readonly cause: InterruptCause;
      /** True: starts again by itself (`idempotent`, it never started, or its call may be repeated). */
      readonly again: boolean;
    }
  | StepSleeping
  | QuestionEvent
  | SignalReceived
  | { readonly type: 'cleanup.started' }
  | { readonly type: 'cleanup.finished'; readonly failed: number }
  | RollbackEvent;

/** What an earlier step has left stands for this one, which is not performed. */
export interface StepCached {
  readonly type: 'step.cached';
  readonly step: StepKey;
  readonly outputs?: JsonObject;
  readonly exit_code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly artifacts?: readonly ArtifactNote[];
  /** Under which the cache had it. */
  readonly key: string;
  readonly from: { readonly run: string; readonly step: StepKey };
  /** What the earlier step took. */
  readonly saved_ms?: number;
  /** Files that were brought back. */
  readonly changes?: ChangeNote;
  readonly changes_later?: true;
}

/** `not_restored`: the files that a cache kept could not be brought back. */
export type InterruptCause = 'never_started' | 'reboot' | 'host_died' | 'not_restored';

/** What a later host has to know of a call that was under way. */
export interface CallTerms {
  /** It may be made again. */
  readonly repeatable?: true;
}

/** The run that does a step's work. */
export interface InnerRunTerms {
  readonly id: string;
  /** It is not begun, but taken back. */
  readonly roll_back?: true;
}

/** What a later host has to know to take a process over; absent fields have their defaults. */
export interface ProcessTerms {
  /** Boot of the machine that was asked: after another one nothing on disk proves that the process never ran. */
  readonly boot: string;
  readonly separate?: readonly ('stdout' | 'stderr')[];
  readonly log_bytes_max?: number;
  readonly on_log_limit?: 'truncate';
  readonly kill_grace_ms?: number;
}

export type EventType = Event['type'];
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;

/** Names reserved by the design for later work; an older program meeting one of them refuses the run by name. */
export const EVENT_TYPES = [
  'run.created',
  'run.claimed',
  'run.started',
  'run.pause_requested',
  'run.paused',
  'run.resumed',
  'run.cancel_requested',
  'run.timed_out',
  'run.finished',
  'step.scheduled',
  'step.started',
  'step.succeeded',
  'step.failed',
  'step.retry_scheduled',
  'step.noted',
  'step.skipped',
  'step.cached',
  'step.stop_requested',
  'step.interrupted',
  'step.sleeping',
  'question.asked',
  'question.approved',
  'question.answered',
  'question.expired',
  'question.claimed',
  'question.released',
  'signal.received',
  'cleanup.started',
  'cleanup.finished',
  'checkpoint.taken',
  'checkpoint.skipped',
  'unwind.requested',
  'unwind.started',
  'undo.started',
  'undo.succeeded',
  'undo.failed',
  'restore.started',
  'restore.finished',
] as const satisfies readonly EventType[];

/** Version of the event format, stored with each event. */
export const EVENT_VERSION = 1;

export interface JournalEvent {
  readonly run_id: string;
  /** 1, 2, 3 … without a gap. */
  readonly seq: number;
  /** Epoch ms by the appender's clock. */
  readonly at: number;
  /** Host that appended it, or the face (`cli`, `mcp`) for requests from outside. */
  readonly host: string;
  readonly epoch: number;
  readonly event: Event;
  /** sha256 over the checksum before it and this event's stored bytes; hex. */
  readonly checksum: string;
}

/** What `evolve` needs of a journal event. */
export type Entry = Pick<JournalEvent, 'run_id' | 'seq' | 'at' | 'epoch' | 'event'>;

export type RunStatus =
  | 'queued'
  | 'running'
  | 'waiting'
  | 'paused'
  | 'rolling_back'
  | 'succeeded'
  | 'partial'
  | 'failed'
  | 'cancelled'
  | 'rolled_back'
  | 'stuck';

export const FINAL_STATUSES = [
  'succeeded',
  'partial',
  'failed',
  'cancelled',
  'rolled_back',
  'stuck',
] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];
export const isFinal = (status: RunStatus): status is FinalStatus =>
  (FINAL_STATUSES as readonly RunStatus[]).includes(status);

export type StepStatus =
  | 'pending'
  | 'running'
  | 'waiting'
  | 'succeeded'
  | 'failed'
  | 'soft_failed'
  | 'skipped'
  | 'cached'
  | 'interrupted'
  | 'cancelled'
  | 'undone'
  | 'undo_failed';
