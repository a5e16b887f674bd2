/**
 * The thread in which a process's snapshots are taken, compared, restored and collected, so that hashing a gigabyte
 * holds up nobody. Owns the table of what it can be asked; the other end is `open-snapshots.ts`.
 * 1. One call after the other: several would fight for the disk, and share one view of the objects.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { bringCapture } from './bring-capture.ts';
import { collect } from './collect.ts';
import { changesOf, type FollowFrom, FollowRuns } from './follow-runs.ts';
import { listSnapshots } from './list-snapshots.ts';
import { type PlanShow, planRestore } from './plan-restore.ts';
import { restoreFiles } from './restore-files.ts';
import type { Collection, ListId, Restore, RestoreTarget, SnapshotId, TakeSnapshot } from './snapshot.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { takeSnapshot } from './take-snapshot.ts';

const store = new SnapshotStore(workerData as string);
const runs = new FollowRuns(store);

const METHODS = {
  take: (request: TakeSnapshot) => takeSnapshot(store, request),
  capture: (snapshot: SnapshotId, index: number) => bringCapture(store, snapshot, index),
  list: (runId?: string) => listSnapshots(store.folder, runId),
  collect: (request: Collection) => collect(store, request),
  follow: (runId: string, from: readonly FollowFrom[]) => runs.follow(runId, from),
  look: (runId: string, record: boolean) => runs.look(runId, record),
  leave: (runId: string) => runs.leave(runId),
  changes: (list: ListId, offset: number, limit: number) => changesOf(store, list, offset, limit),
  plan: (target: RestoreTarget, show: PlanShow) => planRestore(store, target, show),
  restore: (request: Restore) => restoreFiles(store, request),
};
type Methods = typeof METHODS;
export type Method = keyof Methods;
export type Asked<Name extends Method> = Parameters<Methods[Name]>;
export type Answered<Name extends Method> = Awaited<ReturnType<Methods[Name]>>;

export interface Call {
  readonly number: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}

/** `bug`: what was thrown, as text. */
export type Reply =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly bug: string };

/** Instead of a call: there will be no more. */
export type End = 'end';

let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (call: Call | End) => {
  last = last.then(() => (call === 'end' ? parentPort?.close() : answer(call)));
});

async function answer({ number, method, args }: Call): Promise<void> {
  const act = METHODS[method] as (...args: readonly unknown[]) => unknown;
  try {
    parentPort?.postMessage({ number, value: await act(...args) } satisfies Reply);
  } catch (error) {
    parentPort?.postMessage({ number, bug: (error as Error).stack ?? String(error) } satisfies Reply);
  }
}
