/**
 * Removes what no run can need any more: snapshots over the retention, then objects, lists and leftovers that nothing
 * refers to. Works alone on the store, so that nobody is about to refer to what it removes.
 * 1. No snapshot of a live run goes, nor an object that a snapshot which stays refers to.
 * 2. A manifest goes before its objects: whenever this ends, what the store says it has is there.
 */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, ok, type Result } from '../engine/core/failure.ts';
import { readListHeader } from './change-list.ts';
import { headAt, manifestAt, manifestPath } from './manifest.ts';
import { diskBytes, NeededObjects } from './needed-objects.ts';
import { repack, wastefulPacks } from './repack.ts';
import type { Collected, Collection } from './snapshot.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { type StoreFolder, syncFolder } from './store-folder.ts';

/** Outputs of capture commands wait in `tmp/` for their snapshot, and those read back for their reader. */
const CAPTURE = /^capture-/;
const CAPTURE_AGE_MS = 86_400_000;

export function collect(store: SnapshotStore, request: Collection): Promise<Result<Collected, Failure>> {
  return store.alone(() => new Collecting(store, request).run());
}

interface Kept {
  readonly id: string;
  /** Empty: the manifest is damaged. */
  readonly runId: string;
  readonly takenAt: number;
  readonly bytes: number;
}

class Collecting {
  readonly #store: SnapshotStore;
  readonly #folder: string;
  readonly #request: Collection;
  readonly #live: ReadonlySet<string>;
  /** Paths that go, in this order, with what they take. */
  readonly #doomed: { readonly path: string; readonly bytes: number }[] = [];
  #objects = 0;

  constructor(store: SnapshotStore, request: Collection) {
    this.#store = store;
    this.#folder = store.folder;
    this.#request = request;
    this.#live = new Set(request.liveRuns);
  }

  async run(): Promise<Result<Collected, Failure>> {
    const used = this.#usedBytes();
    const needed = new NeededObjects(this.#folder);
    const snapshots = this.#snapshots();
    const stay = this.#staying(snapshots, needed);
    const leave = snapshots.filter((snapshot) => !stay.has(snapshot));
    for (const { id } of leave) this.#doom('snapshots', id);
    this.#doomLists(new Set([...stay].map(({ runId }) => runId)));
    this.#doomIndexes();
    const wasteful = this.#doomObjects(needed);
    const bytes = this.#doomed.reduce((sum, doomed) => sum + doomed.bytes, 0) - wasteful.keptBytes;
    if (!this.#request.dryRun) {
      await repack(this.#store, wasteful.rows);
      for (const { path } of this.#doomed) rmSync(path, { force: true });
      for (const name of ['snapshots', 'packs', 'large'] as const) syncFolder(join(this.#folder, name));
      this.#clearTemps();
    }
    const left = { snapshots: stay.size, bytes: used - bytes };
    return ok({ snapshots: leave.length, objects: this.#objects, bytes, left });
  }

  /** Newest first. */
  #snapshots(): readonly Kept[] {
    const found = this.#names('snapshots').map((id) => {
      const path = manifestPath(this.#folder, id);
      const { size, mtimeMs } = lstatSync(path);
      const { runId = '', takenAt = mtimeMs } = headAt(path)?.info ?? {};
      return { id, runId, takenAt, bytes: size };
    });
    return found.sort((a, b) => b.takenAt - a.takenAt || (a.id < b.id ? 1 : -1));
  }

  /** Those of live runs, and of the others the newest that the retention has room for; their objects are marked. */
  #staying(snapshots: readonly Kept[], needed: NeededObjects): ReadonlySet<Kept> {
    const { retention, now } = this.#request;
    // what is newer than the request may be of a run that the request does not know yet
    const isSafe = ({ runId, takenAt }: Kept) => this.#live.has(runId) || (runId !== '' && takenAt > now);
    const stay = new Set(snapshots.filter(isSafe));
    let bytes = 0;
    for (const snapshot of stay) bytes += snapshot.bytes + this.#claim(snapshot, needed).bytes;
    for (const snapshot of snapshots) {
      if (stay.has(snapshot)) continue;
      if (now - snapshot.takenAt > retention.ageMs || stay.size >= retention.count) break;
      const claim = this.#claim(snapshot, needed);
      bytes += snapshot.bytes + claim.bytes;
      if (bytes > retention.bytes) {
        claim.undo();
        break;
      }
      stay.add(snapshot);
    }
    return stay;
  }

  #claim({ id }: Kept, needed: NeededObjects): ReturnType<NeededObjects['need']> {
    const manifest = manifestAt(manifestPath(this.#folder, id));
    return manifest ? needed.need(manifest) : { bytes: 0, undo: () => undefined };
  }

  /** Lists of runs that are over and have no snapshot any more stay as long as a snapshot would: reports show them. */
  #doomLists(runs: ReadonlySet<string>): void {
    for (const name of this.#names('lists')) {
      const header = readListHeader(this.#folder, name);
      const isNeeded = header && (runs.has(header.runId) || this.#live.has(header.runId));
      if (!isNeeded && this.#isOld(header?.takenAt ?? 0)) this.#doom('lists', name);
    }
  }

  #doomIndexes(): void {
    for (const name of this.#names('index'))
      if (this.#isOld(lstatSync(join(this.#folder, 'index', name)).mtimeMs)) this.#doom('index', name);
  }

  /** Packs and large files that go. What is needed of a pack that goes has to be packed anew. */
  #doomObjects(needed: NeededObjects): ReturnType<typeof wastefulPacks> {
    const wasteful = wastefulPacks(needed);
    for (const name of wasteful.names) this.#doom('packs', name);
    this.#objects += wasteful.garbage;
    for (const name of needed.large.keys()) {
      if (needed.isLargeNeeded(name)) continue;
      this.#doom('large', name);
      this.#objects += 1;
    }
    return wasteful;
  }

  #doom(folder: StoreFolder, name: string): void {
    const path = join(this.#folder, folder, name);
    this.#doomed.push({ path, bytes: diskBytes(path) });
  }

  /** Nobody else is here: what lies in `tmp/` was left by a crash, but for what waits there on purpose. */
  #clearTemps(): void {
    for (const name of this.#names('tmp')) {
      const path = join(this.#folder, 'tmp', name);
      const isWaiting = CAPTURE.test(name) && this.#request.now - lstatSync(path).mtimeMs < CAPTURE_AGE_MS;
      if (!isWaiting) rmSync(path, { recursive: true, force: true });
    }
  }

  #usedBytes(): number {
    const folders: readonly StoreFolder[] = ['packs', 'large', 'snapshots', 'lists', 'index'];
    const paths = folders.flatMap((name) => this.#names(name).map((file) => join(this.#folder, name, file)));
    return paths.reduce((sum, path) => sum + diskBytes(path), 0);
  }

  #names(folder: StoreFolder): readonly string[] {
    return readdirSync(join(this.#folder, folder));
  }

  #isOld(atMs: number): boolean {
    return this.#request.now - atMs > this.#request.retention.ageMs;
  }
}
