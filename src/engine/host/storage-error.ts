/** How a host knows trouble with the data folder from a bug. */

/** Thrown here, and by the store where an answer has no place for it. */
class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** By name, because the store is not ours to import. */
export const isStorageError = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'StorageError';

/** For acts that touch files of the data folder and nothing else: what the system refuses them is trouble with storage. */
export function onDataFolder(act: () => void): void {
  try {
    act();
  } catch (error) {
    const refused = error instanceof Error && 'syscall' in error;
    throw refused ? new StorageError(error.message, { cause: error }) : error;
  }
}
