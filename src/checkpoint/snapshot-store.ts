/**
 * One open store: its folder, its objects, and who may use it when. Knows nothing of trees.
 * Every act on the store runs inside `shared` or `alone`, and begins with a fresh view of what is there.
 */
import { dirname } from 'node:path';
import { err, type Failure, type Result } from '../engine/core/failure.ts';
import { storeBusy, storeFailure } from './messages.ts';
import { ObjectStore } from './object-store.ts';
import { rawBytes } from './path-text.ts';
import { makeStoreFolders } from './store-folder.ts';
import { lockAlone, lockShared, type Release, StoreBusy } from './store-lock.ts';

export class SnapshotStore {
  readonly folder: string;
  #objects: ObjectStore | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** What is never part of a snapshot: the data folder that the store is in, as byte paths. */
  get skip(): readonly string[] {
    return [rawBytes(dirname(this.folder))];
  }

  get objects(): ObjectStore {
    this.#objects ??= new ObjectStore(this.folder);
    return this.#objects;
  }

  /** Runs `act` beside others; what the file system throws in it becomes a failure. */
  shared<T>(act: () => Promise<Result<T, Failure>> | Result<T, Failure>): Promise<Result<T, Failure>> {
    return this.#locked(lockShared, act);
  }

  /** Runs `act` while nobody else uses the store. */
  alone<T>(act: () => Promise<Result<T, Failure>> | Result<T, Failure>): Promise<Result<T, Failure>> {
    return this.#locked(lockAlone, act);
  }

  close(): void {
    this.#objects?.close();
    this.#objects = undefined;
  }

  async #locked<T>(
    lock: (folder: string) => Release,
    act: () => Promise<Result<T, Failure>> | Result<T, Failure>,
  ): Promise<Result<T, Failure>> {
    let release: Release | undefined;
    try {
      makeStoreFolders(this.folder);
      release = lock(this.folder);
      this.objects.refresh();
      return await act();
    } catch (error) {
      if (error instanceof StoreBusy) return err(storeBusy(this.folder, error.waitedMs));
      if (!isOfTheWorld(error)) throw error;
      return err(storeFailure(this.folder, error));
    } finally {
      this.#objects?.close();
      release?.();
    }
  }
}

/** Whether the file system or SQLite said no; anything else is a bug. */
function isOfTheWorld(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall !== undefined || code === 'ERR_SQLITE_ERROR';
}
