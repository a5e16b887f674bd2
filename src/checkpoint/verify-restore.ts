/**
 * Compares what a restore left with the snapshot, path by path and byte by byte: its word is what the result says.
 */
import type { Entry } from './entry.ts';
import type { Fate } from './fates.ts';
import { hasSameMtime, settledHash } from './file-state.ts';
import type { Ground } from './ground.ts';
import type { LinkGroups } from './link-groups.ts';
import { pathText } from './path-text.ts';
import { reasonOf } from './scan.ts';
import { attributesMissing, isSame, readAttributes } from './xattrs.ts';

export interface VerifyTools {
  readonly ground: Ground;
  readonly groups: LinkGroups;
  /** Whether extended attributes have a part in it. */
  readonly withExtended: boolean;
}

/** In which way each path is not what the snapshot has; paths that are right are absent. Both as byte paths. */
export function verifyRestore(fates: readonly Fate[], tools: VerifyTools): ReadonlyMap<string, string> {
  const differing = new Map<string, string>();
  const right: Entry[] = [];
  for (const { path, wanted } of fates) {
    const difference = differenceAt(path, wanted, tools);
    if (difference !== undefined) differing.set(path, difference);
    else if (wanted && wanted.type !== 'symlink') right.push(wanted);
  }
  for (const [path, difference] of attributeDifferences(right, tools)) differing.set(path, difference);
  return differing;
}

function differenceAt(path: string, wanted: Entry | undefined, tools: VerifyTools): string | undefined {
  try {
    const found = tools.ground.at(path);
    if (!wanted) return found ? `still there: it is a ${found.type}` : undefined;
    if (!found) return `not there: it was a ${wanted.type}`;
    return difference(found, wanted) ?? linkDifference(found, wanted, tools);
  } catch (error) {
    return reasonOf(error);
  }
}

function difference(found: Entry, wanted: Entry): string | undefined {
  if (found.type !== wanted.type) return `is a ${found.type}, was a ${wanted.type}`;
  if (found.target !== wanted.target) return 'points somewhere else';
  if (found.size !== wanted.size) return `has ${found.size} bytes, had ${wanted.size}`;
  if (wanted.hash !== undefined && settledHash(found) !== wanted.hash) return 'has other content';
  if (found.uid !== wanted.uid || found.gid !== wanted.gid)
    return `belongs to ${found.uid}:${found.gid}, belonged to ${wanted.uid}:${wanted.gid}`;
  if (found.mode !== wanted.mode)
    return `has permissions ${found.mode.toString(8)}, had ${wanted.mode.toString(8)}`;
  return wanted.type === 'directory' || hasSameMtime(found, wanted) ? undefined : 'has another time';
}

function linkDifference(found: Entry, wanted: Entry, { ground, groups }: VerifyTools): string | undefined {
  const apart = groups
    .names(wanted)
    .find((name) => name !== wanted.path && ground.at(name)?.inode !== found.inode);
  return apart === undefined ? undefined : `is no hard link of \`${pathText(apart)}\` any more`;
}

function* attributeDifferences(
  right: readonly Entry[],
  { withExtended }: VerifyTools,
): Generator<readonly [path: string, difference: string]> {
  if (!withExtended) return;
  const missing = attributesMissing('getfattr');
  const now = missing === undefined ? readAttributes(right.map(({ path }) => path)) : undefined;
  for (const { path, xattrs = {} } of right)
    if (!isSame(now?.get(path) ?? {}, xattrs)) yield [path, missing ?? 'has other extended attributes'];
}
