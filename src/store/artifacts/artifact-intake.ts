/**
 * Takes in what steps hand out: finds the file, sees that it lies where it may, and stores its bytes.
 * 1. A path is followed to its end before it is judged; what is stored is the file that was judged.
 */
import type { Stats } from 'node:fs';
import { constants, type FileHandle, lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, sep } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { ARTIFACT_BYTES_MAX } from '../../engine/core/limits.ts';
import type { ArtifactIntake, ArtifactStore, ArtifactWish, KeptArtifact } from '../../engine/core/ports.ts';
import { folderArchive } from './folder-archive.ts';
import { mediaType } from './media-type.ts';
import {
  ArtifactRefused,
  changed,
  missing,
  noFile,
  notStored,
  outside,
  ownFolder,
  tooLarge,
} from './messages.ts';

const PIECE_BYTES = 1024 * 1024;
const NAMES_SHOWN_MAX = 8;

/** @param dataFolder Belay's own; nothing of it is handed out */
export function artifactIntake(store: ArtifactStore, dataFolder: string): ArtifactIntake {
  return {
    async keep(wish) {
      const path = await firstPresent(wish.places);
      const kept =
        path === undefined ? err(await nothingAt(wish.places)) : await keep(store, dataFolder, wish, path);
      if (kept.ok) return kept;
      return err({ ...kept.error, message: `${wish.about}: ${kept.error.message}` });
    },
  };
}

async function firstPresent(places: readonly string[]): Promise<string | undefined> {
  for (const place of places) if (await stat(place).catch(() => undefined)) return place;
  return undefined;
}

/** Names the file's neighbours: a wrong name shows at once. */
async function nothingAt(places: readonly string[]): Promise<Failure> {
  const [first = ''] = places;
  if (await lstat(first).catch(() => undefined)) return missing(places, 'found a link to nothing');
  let folder = dirname(first);
  for (;;) {
    const names = await readdir(folder).catch(() => undefined);
    if (names) return missing(places, foundIn(folder, names.sort()));
    if (folder === dirname(folder)) return missing(places, 'found nothing');
    folder = dirname(folder);
  }
}

function foundIn(folder: string, names: readonly string[]): string {
  if (names.length === 0) return `found nothing in \`${folder}\``;
  const shown = names.slice(0, NAMES_SHOWN_MAX).map((name) => `\`${name}\``);
  const left = names.length - shown.length;
  return `found in \`${folder}\`: ${shown.join(', ')}${left > 0 ? `, and ${left} more` : ''}`;
}

async function keep(
  store: ArtifactStore,
  dataFolder: string,
  wish: ArtifactWish,
  path: string,
): Promise<Result<KeptArtifact, Failure>> {
  try {
    const real = await realpath(path);
    const own = await realpath(dataFolder).catch(() => dataFolder);
    const folders = await Promise.all(wish.workspace.map((folder) => realpath(folder)));
    if (!folders.some((folder) => isBelow(folder, real))) return err(outside(path, real, wish.workspace));
    if (isBelow(own, real)) return err(ownFolder(path));
    const stats = await lstat(real);
    if (stats.isDirectory()) return ok(await keepFolder(store, wish, real, own));
    if (!stats.isFile()) return err(noFile(path, kindOf(stats)));
    return ok(await keepFile(store, wish, real, stats));
  } catch (error) {
    if (error instanceof ArtifactRefused) return err(error.failure);
    return err(notStored(path, error));
  }
}

const isBelow = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

async function keepFile(
  store: ArtifactStore,
  wish: ArtifactWish,
  path: string,
  expected: Stats,
): Promise<KeptArtifact> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const before = await file.stat();
    if (before.ino !== expected.ino || before.dev !== expected.dev) throw new ArtifactRefused(changed(path));
    if (before.size > ARTIFACT_BYTES_MAX) throw new ArtifactRefused(tooLarge(path));
    const stored = await store.put(bounded(piecesOf(file, path, before), wish.signal, path));
    return { ...stored, mediaType: mediaType(path), warnings: [] };
  } finally {
    await file.close();
  }
}

/** Ends with an error where the file was not the same all the time. */
async function* piecesOf(file: FileHandle, path: string, before: Stats): AsyncIterable<Uint8Array> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    // whoever stores it is done with one piece before the next is read into its place
    yield piece.subarray(0, bytesRead);
  }
  const after = await file.stat();
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs)
    throw new ArtifactRefused(changed(path));
}

async function keepFolder(
  store: ArtifactStore,
  wish: ArtifactWish,
  path: string,
  own: string,
): Promise<KeptArtifact> {
  const archive = folderArchive(path, own);
  const stored = await store.put(bounded(archive.bytes, wish.signal, path));
  const about = `${basename(path)}/`;
  return {
    ...stored,
    mediaType: mediaType('folder.tar'),
    files: archive.files(),
    warnings: archive.warnings().map((warning) => `artifact \`${about}\`: ${warning}`),
  };
}

async function* bounded(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  path: string,
): AsyncIterable<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    size += chunk.length;
    if (size > ARTIFACT_BYTES_MAX) throw new ArtifactRefused(tooLarge(path));
    yield chunk;
  }
}
