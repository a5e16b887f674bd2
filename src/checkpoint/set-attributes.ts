/**
 * Gives files, folders and links the owner, extended attributes and permissions that a snapshot has for them; times are
 * set for all at once, at the end (`set-times.ts`). What the user may not set stays as it is: whoever asked compares.
 */
import { chmodSync, lchownSync, lstatSync } from 'node:fs';
import type { Entry } from './entry.ts';
import { fsPath } from './path-text.ts';
import { formatOf, TYPE_OF } from './tree.ts';
import { attributesMissing, writeAttributes } from './xattrs.ts';

export interface Dressing {
  /** Byte path; what is there has the type of `like`, or is left alone. */
  readonly at: string;
  readonly like: Entry;
}

/** `withExtended`: `like` knows the extended attributes, also where it has none. */
export function setAttributes(dressings: readonly Dressing[], withExtended: boolean): void {
  const there = dressings.filter(isOfType);
  for (const dressing of there) quietly(() => setOwner(dressing));
  // Before the permissions, which may forbid it, and after the owner, whose change takes capabilities away.
  const plain = there.filter(({ like }) => like.type !== 'symlink');
  if (withExtended && plain.length > 0 && !attributesMissing('setfattr'))
    writeAttributes(new Map(plain.map(({ at, like }) => [at, like.xattrs ?? {}])));
  for (const { at, like } of plain) quietly(() => chmodSync(fsPath(at), like.mode));
}

function isOfType({ at, like }: Dressing): boolean {
  const stat = lstatSync(fsPath(at), { throwIfNoEntry: false });
  return stat !== undefined && TYPE_OF.get(formatOf(stat.mode)) === like.type;
}

/** Only where it differs: setting it clears setuid. */
function setOwner({ at, like }: Dressing): void {
  const { uid, gid } = lstatSync(fsPath(at));
  if (uid !== like.uid || gid !== like.gid) lchownSync(fsPath(at), like.uid, like.gid);
}

function quietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
