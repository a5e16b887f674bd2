/**
 * The file that keeps what one look found changed: a line that says whose it is, then a zstd frame of one row a path.
 * Owns the format, not what a change means.
 * 1. A list is whole or not there (`publish`), never written again, and damage to it is found (the frame's checksum).
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import type { Entry, EntryType } from './entry.ts';
import { listDamaged, listGone, storeFailure } from './messages.ts';
import type { ChangeKind, ListId } from './snapshot.ts';
import { newName, publish } from './store-folder.ts';

export interface Change {
  /** Byte path. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** The path after the change, without attributes and link groups; absent where it was deleted. */
  readonly after?: Entry;
}

/** What the first line of a list says. */
export interface ListHeader {
  readonly runId: string;
  /** Epoch ms at the start of the look. */
  readonly takenAt: number;
  readonly count: number;
  readonly touched: number;
}
export type NewHeader = Pick<ListHeader, 'runId' | 'takenAt'>;

export interface ChangeList {
  readonly header: ListHeader;
  /** By path, as bytes. */
  readonly changes: readonly Change[];
  /** Folders of which only the time changed: what came and went in them may have done it. Nobody is told of them. */
  readonly touched: readonly string[];
}

const KINDS: readonly ChangeKind[] = ['created', 'changed', 'deleted'];
const TYPES: readonly EntryType[] = ['file', 'directory', 'symlink'];
const LIST_ID = /^[\w-]+$/;
const HEADER_BYTES_MAX = 4096;
/** Rows as text; about three million changes. */
const ROWS_BYTES_MAX = 400 * 1024 * 1024;
const CHECKED = { params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: 3 } };

const listPath = (folder: string, id: ListId): string => join(folder, 'lists', id);

/** Keeps `changes`, at least one, as a list of their own; they come by path. */
export function writeChangeList(
  folder: string,
  { runId, takenAt }: NewHeader,
  changes: readonly Change[],
  touched: readonly string[] = [],
): Result<ListId, Failure> {
  const id = newName();
  const header: ListHeader = { runId, takenAt, count: changes.length, touched: touched.length };
  const lines = [...changes.map(rowOf), ...touched.map((path) => JSON.stringify(path))];
  const rows = zstdCompressSync(Buffer.from(lines.join('\n'), 'latin1'), CHECKED);
  try {
    publish(folder, listPath(folder, id), [Buffer.from(`${JSON.stringify(header)}\n`), rows]);
    return ok(id);
  } catch (error) {
    return err(storeFailure(folder, error));
  }
}

/** The list `id`, or of its rows those from `offset`, at most `limit`. */
export function readChangeList(
  folder: string,
  id: ListId,
  offset = 0,
  limit = Number.POSITIVE_INFINITY,
): Result<ChangeList, Failure> {
  const bytes = bytesOf(folder, id);
  if (!bytes.ok) return bytes;
  try {
    const end = bytes.value.indexOf('\n');
    const header = JSON.parse(bytes.value.toString('utf8', 0, end)) as ListHeader;
    const rows = zstdDecompressSync(bytes.value.subarray(end + 1), { maxOutputLength: ROWS_BYTES_MAX });
    const lines = rows.toString('latin1').split('\n');
    if (lines.length !== header.count + header.touched) return err(listDamaged(id));
    const changes = lines.slice(offset, Math.min(offset + limit, header.count)).map(changeOf);
    return ok({ header, changes, touched: lines.slice(header.count).map((line) => JSON.parse(line)) });
  } catch {
    return err(listDamaged(id));
  }
}

/** Whose list `id` is and from when, without its rows; undefined when it is not there or is no list. */
export function readListHeader(folder: string, id: ListId): ListHeader | undefined {
  try {
    const file = openSync(listPath(folder, id), 'r');
    try {
      const bytes = Buffer.alloc(HEADER_BYTES_MAX);
      const length = readSync(file, bytes);
      return JSON.parse(bytes.toString('utf8', 0, bytes.subarray(0, length).indexOf('\n'))) as ListHeader;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function bytesOf(folder: string, id: ListId): Result<Buffer, Failure> {
  if (!LIST_ID.test(id)) return err(listGone(id));
  try {
    return ok(readFileSync(listPath(folder, id)));
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return err(isGone ? listGone(id) : storeFailure(folder, error));
  }
}

type Row = readonly [kind: number, path: string, ...after: (number | string | null)[]];

/** A path is a string of bytes, and a control character stands escaped: a row is one line of latin1. */
function rowOf({ path, kind, after }: Change): string {
  const row: Row = [
    KINDS.indexOf(kind),
    path,
    ...(after
      ? [
          TYPES.indexOf(after.type),
          after.mode,
          after.uid,
          after.gid,
          after.size,
          String(after.mtimeNs),
          String(after.ctimeNs),
          String(after.inode),
          after.hash ?? null,
          after.target ?? null,
        ]
      : []),
  ];
  return JSON.stringify(row);
}

function changeOf(line: string): Change {
  const [kindIndex, path, ...fields] = JSON.parse(line) as Row;
  const kind = KINDS[kindIndex] as ChangeKind;
  if (fields.length === 0) return { path, kind };
  const [type, mode, uid, gid, size] = fields as number[];
  const [mtimeNs, ctimeNs, inode, hash, target] = fields.slice(5) as (string | null)[];
  const after: Entry = {
    path,
    type: TYPES[type as number] as EntryType,
    mode: mode as number,
    uid: uid as number,
    gid: gid as number,
    size: size as number,
    mtimeNs: BigInt(mtimeNs as string),
    ctimeNs: BigInt(ctimeNs as string),
    inode: BigInt(inode as string),
    ...(typeof hash === 'string' ? { hash } : {}),
    ...(typeof target === 'string' ? { target } : {}),
  };
  return { path, kind, after };
}
