/**
 * One file, folder or link of a tree, as snapshots, looks and restores speak of it among themselves.
 * Owns the shape only. Trees hold entries in columns (`tree.ts`); these objects are made for few of them at a time.
 */

export type EntryType = 'file' | 'directory' | 'symlink';

export interface Entry {
  /** Byte path (`path-text.ts`), absolute. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** 0 for folders. */
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
  /** What a link points at, as bytes in a string. */
  readonly target?: string;
  /** Names the file that several paths of the tree share (hard links); absent where there is one path. */
  readonly linkGroup?: string;
  /** sha256 of the content in hex; absent where the content was not kept or not looked at. */
  readonly hash?: string;
  /** Name to value in base64. */
  readonly xattrs?: Readonly<Record<string, string>>;
}
