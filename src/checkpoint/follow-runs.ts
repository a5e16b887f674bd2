/**
 * Which files of which run are followed, and what a look at them gives. Looks come one after the other, as the thread of
 * the store sends them (`snapshot-worker.ts`).
 */
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import { type Change, type NewHeader, readChangeList, writeChangeList } from './change-list.ts';
import { coverageOf } from './coverage.ts';
import { FollowedFiles } from './followed-files.ts';
import { readManifest } from './manifest.ts';
import { notFollowed } from './messages.ts';
import { pathText } from './path-text.ts';
import {
  CHANGES_SHOWN_MAX,
  type ChangeKind,
  type Changes,
  type ListId,
  type SnapshotId,
} from './snapshot.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/** A snapshot of a scope, and the lists recorded after it, oldest first. */
export interface FollowFrom {
  readonly snapshot: SnapshotId;
  readonly lists: readonly ListId[];
}

interface FollowedRun {
  readonly files: readonly FollowedFiles[];
  /** Folders that the run touched and no list names yet, because nothing else changed. */
  touched: ReadonlySet<string>;
}

export class FollowRuns {
  readonly #store: SnapshotStore;
  readonly #runs = new Map<string, FollowedRun>();

  constructor(store: SnapshotStore) {
    this.#store = store;
  }

  /** See `Snapshots.follow`; when it fails the run is followed as before. */
  follow(runId: string, from: readonly FollowFrom[]): Promise<Result<void, Failure>> {
    return this.#store.shared(() => {
      const followed: FollowedFiles[] = [];
      for (const each of from) {
        const files = this.#filesOf(each);
        if (!files.ok) return files;
        followed.push(files.value);
      }
      this.#runs.set(runId, { files: followed, touched: new Set() });
      return ok(undefined);
    });
  }

  leave(runId: string): void {
    this.#runs.delete(runId);
  }

  /** See `Snapshots.look`. */
  async look(runId: string, record: boolean): Promise<Result<Changes, Failure>> {
    const run = this.#runs.get(runId);
    if (!run) return err(notFollowed(runId));
    const takenAt = Date.now();
    const looks = run.files.map((files) => files.look());
    const byPath = new Map(looks.flatMap(({ changes }) => changes).map((change) => [change.path, change]));
    const changes = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    const touched = record
      ? new Set([...run.touched, ...looks.flatMap((look) => look.touched)])
      : run.touched;
    const list =
      record && changes.length > 0
        ? await this.#record({ runId, takenAt }, changes, [...touched])
        : ok(undefined);
    if (!list.ok) return list;
    for (const [index, look] of looks.entries()) run.files[index]?.take(look);
    run.touched = list.value === undefined ? touched : new Set();
    return ok({ ...(list.value === undefined ? {} : { list: list.value }), ...summaryOf(changes) });
  }

  #record(
    header: NewHeader,
    changes: readonly Change[],
    touched: readonly string[],
  ): Promise<Result<ListId, Failure>> {
    return this.#store.shared(() => writeChangeList(this.#store.folder, header, changes, touched));
  }

  #filesOf({ snapshot, lists }: FollowFrom): Result<FollowedFiles, Failure> {
    const { folder, skip } = this.#store;
    const manifest = readManifest(folder, snapshot);
    if (!manifest.ok) return manifest;
    const since: Change[] = [];
    for (const id of lists) {
      const list = readChangeList(folder, id);
      if (!list.ok) return list;
      since.push(...list.value.changes);
    }
    const { tree, info } = manifest.value;
    return ok(new FollowedFiles(info.scope, skip, tree, since, coverageOf(info.scope, skip)));
  }
}

function summaryOf(changes: readonly Change[]): Omit<Changes, 'list'> {
  const count = (kind: ChangeKind): number => changes.filter((change) => change.kind === kind).length;
  return {
    created: count('created'),
    changed: count('changed'),
    deleted: count('deleted'),
    shown: changes.slice(0, CHANGES_SHOWN_MAX).map(({ path, kind }) => ({ path: pathText(path), kind })),
  };
}

/** All changes of a list, page by page. */
export function changesOf(
  store: SnapshotStore,
  id: ListId,
  offset: number,
  limit: number,
): Result<{ readonly changes: Changes['shown']; readonly total: number }, Failure> {
  const list = readChangeList(store.folder, id, offset, limit);
  if (!list.ok) return list;
  const { header, changes } = list.value;
  const shown = changes.map(({ path, kind }) => ({ path: pathText(path), kind }));
  return ok({ changes: shown, total: header.count });
}
