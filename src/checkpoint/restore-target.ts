/**
 * Reads what a restore is about from the store: the snapshot, the paths that may go back, and what each is expected to
 * look like now. Looks at no file of the user.
 */

import { type Failure, ok, type Result } from '../engine/core/failure.ts';
import { type Change, readChangeList } from './change-list.ts';
import { coverageOf } from './coverage.ts';
import type { Entry } from './entry.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { ListId, RestoreTarget, SnapshotId } from './snapshot.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/** A path as it was when somebody last looked. */
export interface Expected {
  readonly entry: Entry | undefined;
  /** Epoch ms. */
  readonly lookedAtMs: number;
}

export interface ReadTarget {
  readonly manifest: Manifest;
  /** The byte paths that may be touched, a folder before what is in it. */
  readonly paths: readonly string[];
  /** Folders of which only the time goes back. */
  readonly touched: ReadonlySet<string>;
  expected(path: string): Expected;
}

/** Everything of `target` that the store knows; the failure of the first part that cannot be read. */
export function readTarget(store: SnapshotStore, target: RestoreTarget): Result<ReadTarget, Failure> {
  const manifest = readManifest(store.folder, target.snapshot);
  if (!manifest.ok) return manifest;
  const changes = readLists(store.folder, target.lists);
  if (!changes.ok) return changes;
  const expected =
    'snapshot' in target.expected
      ? expectedOfSnapshot(store.folder, target.expected.snapshot)
      : expectedOfLists(store.folder, target.expected.lists, manifest.value);
  if (!expected.ok) return expected;
  const paths = pathsWithin(manifest.value, store.skip, changes.value.last);
  const { touched } = changes.value;
  return ok({ manifest: manifest.value, paths, touched, expected: expected.value });
}

/** The byte paths of a list. */
export function pathsOf(folder: string, id: ListId | undefined): Result<ReadonlySet<string>, Failure> {
  if (id === undefined) return ok(new Set());
  const list = readChangeList(folder, id);
  return list.ok ? ok(new Set(list.value.changes.map(({ path }) => path))) : list;
}

interface Recorded extends Expected {
  readonly change: Change;
}
type LastChanges = ReadonlyMap<string, Recorded>;

interface ReadLists {
  readonly last: LastChanges;
  readonly touched: ReadonlySet<string>;
}

function readLists(folder: string, lists: readonly ListId[]): Result<ReadLists, Failure> {
  const last = new Map<string, Recorded>();
  const touched = new Set<string>();
  for (const id of lists) {
    const list = readChangeList(folder, id);
    if (!list.ok) return list;
    const lookedAtMs = list.value.header.takenAt;
    for (const change of list.value.changes)
      last.set(change.path, { change, entry: change.after, lookedAtMs });
    for (const path of list.value.touched) touched.add(path);
  }
  return ok({ last, touched });
}

function pathsWithin(manifest: Manifest, skip: readonly string[], changes: LastChanges): readonly string[] {
  const covers = coverageOf(manifest.info.scope, skip);
  return [...changes]
    .filter(([path, { change }]) => {
      return manifest.tree.find(path) >= 0 || covers(path, change.after?.type === 'directory');
    })
    .map(([path]) => path)
    .sort();
}

type ExpectedAt = ReadTarget['expected'];

function expectedOfSnapshot(folder: string, id: SnapshotId): Result<ExpectedAt, Failure> {
  const manifest = readManifest(folder, id);
  return manifest.ok ? ok((path) => asKept(manifest.value, path)) : manifest;
}

/** What no list names is expected to be as the snapshot has it. */
function expectedOfLists(
  folder: string,
  lists: readonly ListId[],
  manifest: Manifest,
): Result<ExpectedAt, Failure> {
  const read = readLists(folder, lists);
  return read.ok ? ok((path) => read.value.last.get(path) ?? asKept(manifest, path)) : read;
}

const asKept = (manifest: Manifest, path: string): Expected => ({
  entry: manifest.entry(path),
  lookedAtMs: manifest.tree.scannedAtMs,
});
