/**
 * The part of the journal's vocabulary that tells of checkpoints and of taking a run back.
 * Stored for ever like all of it: add, never rename. Paths are texts as `checkpoint/snapshot.ts` writes them.
 */
import type { Failure } from './failure.ts';
import type { StepKey, Strategy } from './model.ts';

/** Which files changed while a step ran; the list itself lies in the snapshot store. */
export interface ChangeNote {
  /** Absent: nothing changed, or it is not known. */
  readonly list?: string;
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  /** The first few, by path. */
  readonly shown: readonly { readonly path: string; readonly kind: 'created' | 'changed' | 'deleted' }[];
  /** Other steps that were under way: some of the changes may be theirs. */
  readonly beside?: readonly StepKey[];
  /** Why the changes are not known. */
  readonly unknown?: string;
}

export interface PathNote {
  readonly path: string;
  readonly reason: string;
}

export interface CheckpointTaken {
  readonly type: 'checkpoint.taken';
  /** Unique in the run; taken again by the same step it replaces the one before. */
  readonly checkpoint: string;
  /** The step it was taken before; absent for a rescue. */
  readonly step?: StepKey;
  /** `rescue`: what the files were like before they were restored. */
  readonly why: 'asked' | 'destructive' | 'automatic' | 'rescue';
  /** It does not cover the run's directory: only its own step counts as taken back with it. */
  readonly partial?: true;
  /** In the snapshot store. */
  readonly snapshot: string;
  readonly scope: {
    readonly roots: readonly string[];
    readonly exclude: readonly string[];
    readonly base: string;
  };
  readonly files: number;
  readonly bytes: number;
  readonly added_bytes: number;
  readonly duration_ms: number;
  /** The first few of what the snapshot does not hold. */
  readonly omitted?: readonly PathNote[];
  readonly omitted_count?: number;
  readonly notes?: readonly string[];
  /** Outputs of `capture` that it holds. */
  readonly captures?: number;
  /** Changes until here that no step's end accounts for: of steps under way, or cut off. */
  readonly changes?: ChangeNote;
  /** Rescue: files of the run that somebody else has changed since. */
  readonly conflicts?: {
    readonly count: number;
    readonly shown: readonly { readonly path: string; readonly found: 'created' | 'changed' | 'deleted' }[];
    readonly list?: string;
  };
}

export type ConflictPolicy = 'stop' | 'keep' | 'overwrite';

export type RollbackEvent =
  | CheckpointTaken
  /** An automatic checkpoint could not be taken and nobody had asked for it: the step starts without. */
  | { readonly type: 'checkpoint.skipped'; readonly step: StepKey; readonly reason: string }
  /** Somebody, or a failed step's policy, wants the run taken back: nothing new starts from here on. */
  | {
      readonly type: 'unwind.requested';
      readonly strategy: Strategy;
      readonly by: string;
      /** The checkpoint to go back to; with strategy `checkpoint`. */
      readonly checkpoint?: string;
      readonly on_conflict?: ConflictPolicy;
      readonly reason?: string;
    }
  /** Nothing runs any more: from here on the run is taken back in the order that `core/unwind` gives. */
  | {
      readonly type: 'unwind.started';
      /** Strategy `manual`: the instructions, as JSON in a blob. */
      readonly instructions?: { readonly blob: string };
    }
  | { readonly type: 'undo.started'; readonly step: StepKey }
  | { readonly type: 'undo.succeeded'; readonly step: StepKey }
  | { readonly type: 'undo.failed'; readonly step: StepKey; readonly failure: Failure }
  /** `operation` names the restore in the snapshot store, so that the next host goes on with it. */
  | { readonly type: 'restore.started'; readonly checkpoint: string; readonly operation: string }
  | {
      readonly type: 'restore.finished';
      readonly checkpoint: string;
      readonly result: 'complete' | 'partial' | 'failed';
      readonly created: number;
      readonly changed: number;
      readonly deleted: number;
      /** Files left as others had made them. */
      readonly kept: number;
      readonly problems?: readonly PathNote[];
      readonly problem_count?: number;
      /** Why it failed as a whole. */
      readonly failure?: Failure;
      /** What it has changed, as a look at the files has found it. */
      readonly changes?: ChangeNote;
    };
