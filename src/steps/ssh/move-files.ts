/**
 * Moves the files of one direction over sftp.
 * 1. A file is written beside its place under another name, and moved there when it is whole; nothing half-written stays.
 */
import { randomBytes } from 'node:crypto';
import { chmod, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { Lease } from './connection-pool.ts';
import { folderToWrite } from './local-paths.ts';
import { type Direction, type MovedFile, movedFiles } from './moved-files.ts';
import { SftpError, SftpSession } from './sftp-session.ts';
import type { SshTransfers } from './ssh-call.ts';
import { type SshHop, shownHop } from './ssh-hop.ts';
import { transferFailed } from './ssh-messages.ts';

export interface MovedCount {
  readonly files: number;
  readonly bytes: number;
  readonly leftOut: readonly string[];
}

/** Undefined: no session could be opened over a kept connection. Rejects when the signal is given. */
export async function moveFiles(
  lease: Lease,
  hop: SshHop,
  transfers: SshTransfers,
  direction: Direction,
  signal: AbortSignal,
): Promise<Result<MovedCount, Failure> | undefined> {
  let session: SftpSession;
  try {
    session = await SftpSession.open(lease);
  } catch (error) {
    if (!lease.isFresh) return undefined;
    return err(transferFailed(direction, `${shownHop(hop)} offers no sftp: ${(error as Error).message}`));
  }
  const stop = () => session.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await moveAll(lease, session, transfers, direction);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SftpError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    const isLost = error instanceof SftpError && error.isLost;
    return err(
      transferFailed(direction, `${shownHop(hop)}: ${(error as Error).message}`, isLost ? 'again' : 'final'),
    );
  } finally {
    signal.removeEventListener('abort', stop);
    session.close();
  }
}

async function moveAll(
  lease: Lease,
  session: SftpSession,
  transfers: SshTransfers,
  direction: Direction,
): Promise<Result<MovedCount, Failure>> {
  const found = await movedFiles(session, transfers, direction);
  if (!found.ok) return found;
  const { files, folders, leftOut } = found.value;
  const folder = direction === 'upload' ? remoteFolders(session) : localFolders(transfers.workspace);
  for (const path of folders) {
    const made = await folder(path);
    if (!made.ok) return err(transferFailed(direction, made.error));
  }
  for (const file of files) {
    const made = await folder(direction === 'upload' ? posix.dirname(file.there) : dirname(file.here));
    if (!made.ok) return err(transferFailed(direction, made.error));
    const problem =
      direction === 'upload' ? await put(lease, session, file) : await get(session, file, made.value);
    if (problem !== undefined) return err(transferFailed(direction, problem));
  }
  return ok({ files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), leftOut });
}

type MakeFolder = (path: string) => Promise<Result<string, string>>;

/** Each folder is asked for once. */
function remembered(make: MakeFolder): MakeFolder {
  const made = new Map<string, Result<string, string>>();
  return async (path) => {
    const result = made.get(path) ?? (await make(path));
    made.set(path, result);
    return result;
  };
}

const localFolders = (workspace: string | undefined): MakeFolder =>
  remembered((path) => folderToWrite(path, workspace));

const remoteFolders = (session: SftpSession): MakeFolder =>
  remembered(async (path) => {
    await session.makeFolder(path);
    return ok(path);
  });

/** A name beside the file's own that nobody else has. */
const besideName = (name: string): string => `.${name.slice(0, 100)}.${randomBytes(6).toString('hex')}.part`;

async function put(lease: Lease, session: SftpSession, file: MovedFile): Promise<string | undefined> {
  const { here, there, mode } = file;
  const place = await session.stat(there).catch(() => undefined);
  if (place?.isDirectory())
    return `\`${there}\` is a folder there, expected a file; end it with \`/\` to put the file into it`;
  const beside = posix.join(posix.dirname(there), besideName(posix.basename(there)));
  try {
    await session.put(here, beside, mode);
    await session.chmod(beside, mode);
    await session.replace(beside, there);
    return undefined;
  } catch (error) {
    await removeThere(lease, beside);
    throw error;
  }
}

/** Over a session of its own: the other one may be closed by now. */
async function removeThere(lease: Lease, path: string): Promise<void> {
  const session = await SftpSession.open(lease).catch(() => undefined);
  await session?.remove(path).catch(() => {});
  session?.close();
}

async function get(session: SftpSession, file: MovedFile, folder: string): Promise<string | undefined> {
  const { here, there, bytes, mode } = file;
  const path = join(folder, basename(here));
  const place = await stat(path).catch(() => undefined);
  if (place?.isDirectory())
    return `\`${here}\` is a folder, expected a file; end it with \`/\` to put the file into it`;
  const beside = join(folder, besideName(basename(here)));
  try {
    await session.get(there, beside, bytes);
    await chmod(beside, mode | 0o600);
    await rename(beside, path);
    return undefined;
  } finally {
    await rm(beside, { force: true });
  }
}
