/**
 * The bytes of files that results bring back: `cache/objects/ab/cdef…`, named by their sha256. An object appears whole
 * or not at all. It may be lost with the machine's power: whoever reads one checks what it reads.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const CHUNK_BYTES = 256 * 1024;

export const objectPath = (folder: string, sha256: string): string =>
  join(folder, 'objects', sha256.slice(0, 2), sha256.slice(2));

export const hasObject = (folder: string, sha256: string, bytes: number): boolean =>
  statSync(objectPath(folder, sha256), { throwIfNoEntry: false })?.size === bytes;

/** The bytes of an open file from its beginning, a chunk at a time; each is good until the next is asked for. */
export async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Writes all chunks to a new file; the sha256 of what was written. */
export async function writeChunks(
  path: string,
  mode: number,
  chunks: AsyncIterable<Uint8Array>,
): Promise<string> {
  const file = await open(path, 'wx', mode);
  try {
    const hash = createHash('sha256');
    for await (const chunk of chunks) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
    }
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

/** Takes an open file in; resolves with the sha256 of its bytes. */
export async function putObject(folder: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const scratch = join(folder, 'tmp', randomUUID());
  mkdirSync(dirname(scratch), { recursive: true, mode: 0o700 });
  try {
    const sha256 = await writeChunks(scratch, 0o600, chunks);
    const path = objectPath(folder, sha256);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(scratch, path);
    return sha256;
  } finally {
    await rm(scratch, { force: true });
  }
}
