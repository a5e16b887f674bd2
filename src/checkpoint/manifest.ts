/**
 * A snapshot as a file: what it is (readable alone, for lists), then its tree and what it left out, compressed.
 *
 *     magic | length of head (uint32) | head, JSON | sha256 of head and sections | sections: length (uint32), zstd frame
 *
 * The first section is what was left out, as JSON; the others are the tree's.
 *
 * The same format serves as stat index: the tree that the next snapshot of the scope takes over what it can from.
 * 1. A manifest is published after every object it names.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import type { Entry } from './entry.ts';
import { snapshotDamaged, snapshotGone } from './messages.ts';
import { bytesAt } from './pack.ts';
import type { Missed } from './scan.ts';
import type { SnapshotId, SnapshotInfo } from './snapshot.ts';
import { publish } from './store-folder.ts';
import { Tree } from './tree.ts';

const MAGIC = Buffer.from('belaysn1');
const HASH_BYTES = 32;
const HEAD_AT = MAGIC.length + 4;
/** One read that holds the head of nearly every manifest. */
const HEAD_BYTES = 4096;
/** A scope of many roots and patterns; a length beyond it is damage. */
const HEAD_BYTES_MAX = 16 * 1024 * 1024;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const ID = /^[\w-]+$/;

/** What can be told of a snapshot without its tree. */
export interface ManifestHead {
  readonly info: SnapshotInfo;
  readonly notes: readonly string[];
  /** Hashes of what capture commands gave, by index. */
  readonly captures: readonly string[];
}

export class Manifest implements ManifestHead {
  readonly info: SnapshotInfo;
  readonly notes: readonly string[];
  readonly captures: readonly string[];
  readonly missed: readonly Missed[];
  readonly tree: Tree;

  constructor(head: ManifestHead, tree: Tree, missed: readonly Missed[]) {
    this.info = head.info;
    this.notes = head.notes;
    this.captures = head.captures;
    this.tree = tree;
    this.missed = missed;
  }

  /** What the snapshot has at a byte path. */
  entry(path: string): Entry | undefined {
    const row = this.tree.find(path);
    return row < 0 ? undefined : this.tree.entry(row);
  }

  /** Everything in path order: a folder comes before what is in it. */
  *entries(): Generator<Entry> {
    for (const row of this.tree.inOrder()) yield this.tree.entry(row);
  }

  /** The entry at a byte path and those below it, in path order. */
  *under(path: string): Generator<Entry> {
    const top = this.tree.find(path);
    if (top >= 0) for (const row of this.tree.under(top)) yield this.tree.entry(row);
  }
}

export const manifestPath = (folder: string, id: SnapshotId): string => join(folder, 'snapshots', id);

/** Throws what the file system throws. */
export function writeManifest(folder: string, path: string, manifest: Manifest): void {
  const { info, notes, captures, missed, tree } = manifest;
  const head = Buffer.from(JSON.stringify({ info, notes, captures } satisfies ManifestHead));
  const sections = [Buffer.from(JSON.stringify(missed)), ...tree.encode()].flatMap((section) => {
    const frame = zstdCompressSync(section, FAST);
    return [lengthOf(frame), frame];
  });
  const sum = createHash('sha256').update(head);
  for (const part of sections) sum.update(part);
  publish(folder, path, [MAGIC, lengthOf(head), head, sum.digest(), ...sections]);
}

/** `snapshot_gone` or `object_damaged` when it cannot be had. */
export function readManifest(folder: string, id: SnapshotId): Result<Manifest, Failure> {
  if (!ID.test(id)) return err(snapshotGone(id));
  try {
    const manifest = manifestAt(manifestPath(folder, id));
    return manifest ? ok(manifest) : err(snapshotDamaged(id));
  } catch (error) {
    return err((error as NodeJS.ErrnoException).code === 'ENOENT' ? snapshotGone(id) : snapshotDamaged(id));
  }
}

/** Undefined when the file is no whole manifest. Throws what the file system throws. */
export function manifestAt(path: string): Manifest | undefined {
  const bytes = readFileSync(path);
  const head = headIn(bytes);
  if (!head) return undefined;
  const body = bytes.subarray(head.end + HASH_BYTES);
  const sum = createHash('sha256').update(bytes.subarray(HEAD_AT, head.end)).update(body).digest();
  if (!sum.equals(bytes.subarray(head.end, head.end + HASH_BYTES))) return undefined;
  let at = 0;
  const next = (): Buffer => {
    const start = at + 4;
    at = start + body.readUInt32LE(at);
    return zstdDecompressSync(body.subarray(start, at));
  };
  const missed = JSON.parse(next().toString()) as Missed[];
  return new Manifest(head.head, Tree.decode(next), missed);
}

/** The head alone; undefined when the file is no manifest. Throws what the file system throws. */
export function headAt(path: string): ManifestHead | undefined {
  const file = openSync(path, 'r');
  try {
    const start = bytesAt(file, 0, HEAD_BYTES);
    const length = start.length < HEAD_AT ? 0 : start.readUInt32LE(MAGIC.length);
    const isWhole = HEAD_AT + length <= start.length;
    return headIn(isWhole ? start : bytesAt(file, 0, HEAD_AT + Math.min(length, HEAD_BYTES_MAX)))?.head;
  } finally {
    closeSync(file);
  }
}

/** The head of a manifest that begins with these bytes, and where it ends. */
function headIn(bytes: Buffer): { readonly head: ManifestHead; readonly end: number } | undefined {
  if (bytes.length < HEAD_AT || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const end = HEAD_AT + bytes.readUInt32LE(MAGIC.length);
  if (end > bytes.length) return undefined;
  try {
    return { head: JSON.parse(bytes.toString('utf8', HEAD_AT, end)) as ManifestHead, end };
  } catch {
    return undefined;
  }
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return length;
}
