/**
 * The bytes of artifacts in the data folder: one file for each content, named by its sha256.
 * 1. An object appears whole or not at all, and is on the disk before anybody is told of it.
 * 2. What is put again is new again: nobody removes it who had not known that it is needed.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../checkpoint/store-folder.ts';
import type {
  ArtifactStore,
  CollectedObjects,
  ObjectCollection,
  StoredObject,
} from '../../engine/core/ports.ts';
import { adding, GRACE_MS, newTemp, objectPath, removing } from './artifact-folder.ts';

/** What a crash has left unfinished goes after this long. */
const TEMP_AGE_MS = 86_400_000;
/** Objects that are removed before others may add again. */
const BATCH = 64;
const SHA256 = /^[0-9a-f]{64}$/;

/** The stored bytes are not those that their name promises. */
class ArtifactDamaged extends Error {
  override readonly name = 'ArtifactDamaged';
}

export function localArtifacts(folder: string): ArtifactStore {
  return {
    put: (bytes) => put(folder, bytes),
    read: (sha256) => read(folder, sha256),
    collect: async (request) => collect(folder, request),
  };
}

async function put(folder: string, bytes: AsyncIterable<Uint8Array>): Promise<StoredObject> {
  const temp = newTemp(folder);
  try {
    const stored = await written(temp, bytes);
    const path = objectPath(folder, stored.sha256);
    adding(folder, path, () => {
      // takes the place of an equal one: that is then whole, and new
      renameSync(temp, path);
      syncFolder(dirname(path));
    });
    return stored;
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
}

async function written(path: string, bytes: AsyncIterable<Uint8Array>): Promise<StoredObject> {
  const file = await open(path, 'wx', 0o400);
  try {
    const sum = createHash('sha256');
    let size = 0;
    for await (const chunk of bytes) {
      sum.update(chunk);
      await writeWhole(file, chunk);
      size += chunk.length;
    }
    await file.sync();
    return { sha256: sum.digest('hex'), size };
  } finally {
    await file.close();
  }
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; )
    done += (await file.write(chunk, done, chunk.length - done)).bytesWritten;
}

async function read(folder: string, sha256: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (!SHA256.test(sha256)) return undefined;
  const file = await open(objectPath(folder, sha256), 'r').catch(() => undefined);
  return file && verified(file, sha256);
}

async function* verified(file: FileHandle, sha256: string): AsyncIterable<Uint8Array> {
  const sum = createHash('sha256');
  for await (const chunk of createReadStream('', { fd: file, highWaterMark: 1024 * 1024 })) {
    sum.update(chunk as Buffer);
    yield chunk as Buffer;
  }
  const found = sum.digest('hex');
  if (found === sha256) return;
  throw new ArtifactDamaged(`stored artifact \`${sha256}\` is damaged: its bytes have sha256 ${found}`);
}

interface Candidate {
  readonly sha256: string;
  readonly path: string;
  readonly bytes: number;
}

function collect(folder: string, request: ObjectCollection): CollectedObjects {
  const all = objects(folder);
  const doomed = all.filter((each) => mayGo(each, request));
  let gone: readonly Candidate[] = doomed;
  if (!request.dryRun) {
    gone = [];
    for (let at = 0; at < doomed.length; at += BATCH)
      gone = [...gone, ...removeBatch(folder, doomed.slice(at, at + BATCH), request)];
    removeTemps(folder, request.nowMs);
  }
  const bytes = sum(gone);
  return {
    objects: gone.length,
    bytes,
    left: { objects: all.length - gone.length, bytes: sum(all) - bytes },
  };
}

/** Looked at again now that nobody adds. */
const removeBatch = (folder: string, batch: readonly Candidate[], request: ObjectCollection) =>
  removing(folder, () =>
    batch.filter((each) => {
      if (!mayGo(each, request)) return false;
      rmSync(each.path, { force: true });
      return true;
    }),
  );

function mayGo({ sha256, path }: Candidate, { isNeeded, nowMs }: ObjectCollection): boolean {
  const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changedMs !== undefined && nowMs - changedMs > GRACE_MS && !isNeeded(sha256);
}

function objects(folder: string): readonly Candidate[] {
  return names(join(folder, 'objects')).flatMap((start) =>
    names(join(folder, 'objects', start)).flatMap((rest) => {
      const path = join(folder, 'objects', start, rest);
      const bytes = statSync(path, { throwIfNoEntry: false })?.size;
      return bytes === undefined ? [] : [{ sha256: start + rest, path, bytes }];
    }),
  );
}

function removeTemps(folder: string, nowMs: number): void {
  for (const name of names(join(folder, 'tmp'))) {
    const path = join(folder, 'tmp', name);
    const changedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (nowMs - changedMs > TEMP_AGE_MS) rmSync(path, { recursive: true, force: true });
  }
}

function names(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    // nothing was stored yet
    return [];
  }
}

const sum = (all: readonly Candidate[]): number => all.reduce((bytes, each) => bytes + each.bytes, 0);
