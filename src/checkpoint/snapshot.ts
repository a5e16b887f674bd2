/**
 * The shapes that snapshots, change lists and restores are spoken of in. Owns no behaviour.
 * A path is absolute and, where its bytes are UTF-8, the text itself; a backslash stands as `\\` and a byte that is
 * not UTF-8 as `\xNN` (`path-text.ts` goes both ways), so that every name fits into JSON and comes back exactly.
 */
import type { Failure, Result } from '../engine/core/failure.ts';

/** Names one snapshot in the store. */
export type SnapshotId = string;
/** Names one recorded list of changes in the store. */
export type ListId = string;
export type PathText = string;

/** What a snapshot covers. */
export interface Scope {
  /** Absolute files and folders; none lies inside another. */
  readonly roots: readonly PathText[];
  /** Patterns with the meaning of `.gitignore`, read relative to `base`. */
  readonly exclude: readonly string[];
  /** Absolute; what relative patterns start from. */
  readonly base: PathText;
}

export interface Budget {
  readonly bytes: number;
  readonly files: number;
  readonly ms: number;
  /** Of files that would have to be read: where there is more, no snapshot is taken. Absent: as many as there are. */
  readonly newBytes?: number;
}

/** Something in the scope that the snapshot does not hold, and why in words: `socket`, `over the budget of 5 GB`. */
export interface Omitted {
  readonly path: PathText;
  readonly reason: string;
}

export interface TakeSnapshot {
  readonly runId: string;
  readonly scope: Scope;
  readonly budget: Budget;
  /** Files whose content the snapshot keeps besides the tree (outputs of capture commands), moved into the store. */
  readonly captures: readonly string[];
}

export interface Snapshot {
  readonly id: SnapshotId;
  /** Everything the snapshot holds: files, links and folders; bytes of the files. */
  readonly files: number;
  readonly bytes: number;
  /** Bytes that were new to the store. */
  readonly addedBytes: number;
  readonly durationMs: number;
  /** The first `OMITTED_SHOWN_MAX`; the snapshot itself knows all. */
  readonly omitted: readonly Omitted[];
  readonly omittedCount: number;
  /** What could not be kept for the tree as a whole (`extended attributes: getfattr is not installed`). */
  readonly notes: readonly string[];
}

export type ChangeKind = 'created' | 'changed' | 'deleted';

/** What changed between two looks at the files. */
export interface Changes {
  /** Absent: nothing changed. */
  readonly list?: ListId;
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  /** The first `CHANGES_SHOWN_MAX`, by path. */
  readonly shown: readonly { readonly path: PathText; readonly kind: ChangeKind }[];
}

/** Which files go back to what. Only paths in `lists` are touched, and of these only what lies in the snapshot's scope. */
export interface RestoreTarget {
  readonly snapshot: SnapshotId;
  /** Change lists of the run since the snapshot, oldest first: the paths that go back. */
  readonly lists: readonly ListId[];
  /**
   * What the files should look like now if nobody else touched them: as the last of these lists says
   * (they may be more than `lists`), or as another snapshot has them.
   */
  readonly expected: { readonly lists: readonly ListId[] } | { readonly snapshot: SnapshotId };
}

export interface PlannedFile {
  readonly path: PathText;
  readonly action: 'create' | 'change' | 'delete';
  /** Size after the restore; 0 for a deletion. */
  readonly bytes: number;
}

export interface Conflict {
  readonly path: PathText;
  /** `changed`, `deleted` or `created` by somebody else after the run. */
  readonly found: ChangeKind;
}

export interface RestorePlan {
  readonly create: number;
  readonly change: number;
  readonly delete: number;
  readonly bytes: number;
  /** The first `PLANNED_SHOWN_MAX`, by path. */
  readonly files: readonly PlannedFile[];
  readonly conflicts: {
    readonly count: number;
    readonly shown: readonly Conflict[];
    /** All of them as a list, for `keep`. */
    readonly list?: ListId;
  };
  /** Cannot come back, with the reason: omitted from the snapshot, a damaged object. */
  readonly lost: readonly Omitted[];
  readonly lostCount: number;
  /** Unified diff of the text files from now to after; only when asked for. */
  readonly diff?: string;
  readonly diffCut?: boolean;
}

export interface Restore extends RestoreTarget {
  /** Names this restore; the same name again goes on where the last one was interrupted. */
  readonly operation: string;
  /** Paths in this list stay as they are. */
  readonly keep?: ListId;
}

export interface Restored {
  /** `partial`: some paths differ from the snapshot; `failed`: nothing was changed. */
  readonly result: 'complete' | 'partial' | 'failed';
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  readonly kept: number;
  /** Every path that differs from the snapshot, with the reason; the first `OMITTED_SHOWN_MAX`. */
  readonly problems: readonly Omitted[];
  readonly problemCount: number;
}

export interface SnapshotInfo {
  readonly id: SnapshotId;
  readonly runId: string;
  /** Epoch ms. */
  readonly takenAt: number;
  readonly files: number;
  readonly bytes: number;
  readonly scope: Scope;
}

export interface Retention {
  readonly ageMs: number;
  readonly count: number;
  /** Of the whole store on disk. */
  readonly bytes: number;
}

export interface Collection {
  /** Runs whose snapshots may be needed, whatever their age: they have not finished. */
  readonly liveRuns: readonly string[];
  readonly retention: Retention;
  /** Epoch ms. */
  readonly now: number;
  readonly dryRun: boolean;
}

export interface Collected {
  readonly snapshots: number;
  readonly objects: number;
  /** Freed on disk. */
  readonly bytes: number;
  readonly left: { readonly snapshots: number; readonly bytes: number };
}

/**
 * The store of snapshots as the engine uses it. Every method does its work outside the event loop's thread, answers
 * failures as values (`checkpoint_refused`, `checkpoint_over_budget`, `checkpoint_unreadable`, `disk_full`,
 * `snapshot_gone`, `object_damaged`), and may be called by several processes at once on one folder.
 */
export interface Snapshots {
  take(request: TakeSnapshot): Promise<Result<Snapshot, Failure>>;
  /**
   * Starts to follow the files under a run's snapshots, from the newest snapshot of each scope; `lists` were recorded
   * after them, oldest first. Following again replaces what was followed.
   */
  follow(
    runId: string,
    from: readonly { readonly snapshot: SnapshotId; readonly lists: readonly ListId[] }[],
  ): Promise<Result<void, Failure>>;
  /** What changed since the last look (or `follow`). `record: false` forgets it: somebody else's changes. */
  look(runId: string, record: boolean): Promise<Result<Changes, Failure>>;
  leave(runId: string): void;
  /** All changes of a list, from `offset`, at most `limit`. */
  changes(
    list: ListId,
    offset: number,
    limit: number,
  ): Promise<Result<{ readonly changes: Changes['shown']; readonly total: number }, Failure>>;
  plan(target: RestoreTarget, show: { readonly diffBytesMax: number }): Promise<Result<RestorePlan, Failure>>;
  restore(request: Restore): Promise<Result<Restored, Failure>>;
  /** A file that holds what capture `index` of the snapshot gave; read-only, there until `close`. */
  capture(snapshot: SnapshotId, index: number): Promise<Result<string, Failure>>;
  list(runId?: string): Promise<readonly SnapshotInfo[]>;
  collect(request: Collection): Promise<Result<Collected, Failure>>;
  close(): Promise<void>;
}

export const OMITTED_SHOWN_MAX = 50;
export const CHANGES_SHOWN_MAX = 50;
export const PLANNED_SHOWN_MAX = 200;
