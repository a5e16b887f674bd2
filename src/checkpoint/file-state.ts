/**
 * When two states of one path are the same: the questions behind changes, conflicts and what a restore has to do.
 * Reads contents where stats cannot tell, and nothing else.
 */
import { contentHash } from './content-hash.ts';
import type { Entry } from './entry.ts';
import { fsPath } from './path-text.ts';
import { fingerprintOf, RACY_MS } from './scan.ts';

const NS_PER_MS = 1_000_000n;
/** Where `touch` cannot set it, a time comes back through a double: to a quarter of a microsecond. */
const MTIME_SLACK_NS = 1_000n;

/** Nothing happened to the file between the two looks, as far as stats tell. */
export const hasSameStat = (a: Entry, b: Entry): boolean =>
  a.inode === b.inode &&
  a.ctimeNs === b.ctimeNs &&
  a.mtimeNs === b.mtimeNs &&
  a.size === b.size &&
  hasSameOwner(a, b);

/** Type, permissions and owner. */
export const hasSameOwner = (a: Entry, b: Entry): boolean =>
  a.type === b.type && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;

export const hasSameMtime = (a: Entry, b: Entry): boolean => {
  const apartNs = a.mtimeNs - b.mtimeNs;
  return apartNs < MTIME_SLACK_NS && apartNs > -MTIME_SLACK_NS;
};

/** Stamped so shortly before a look at `lookedAtMs` that it may have changed again without a new stamp. */
export function isRacy({ mtimeNs, ctimeNs }: Entry, lookedAtMs: number): boolean {
  const changedNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return Number(changedNs / NS_PER_MS) >= lookedAtMs - RACY_MS;
}

/** The hash of what is there now; undefined when it cannot be read or changes meanwhile. */
export function settledHash(entry: Entry): string | undefined {
  try {
    const hash = contentHash(fsPath(entry.path));
    const after = fingerprintOf(entry.path);
    return after && hasSameStat(after, entry) ? hash : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `found` has the content that a snapshot of a scan at `scannedAtMs` holds as `kept`. */
export function hasSameContent(found: Entry, kept: Entry, scannedAtMs: number): boolean {
  if (found.type !== kept.type || found.size !== kept.size) return false;
  if (found.type !== 'file') return found.target === kept.target;
  if (hasSameStat(found, kept) && !isRacy(kept, scannedAtMs)) return true;
  if (kept.hash !== undefined) return settledHash(found) === kept.hash;
  return found.inode === kept.inode && found.mtimeNs === kept.mtimeNs;
}

/**
 * Whether `found` is what a look at `lookedAtMs` left behind as `expected`. A file that was only touched since is; one
 * too large to have a hash is known by its size and time alone.
 */
export function isAsExpected(
  found: Entry | undefined,
  expected: Entry | undefined,
  lookedAtMs: number,
): boolean {
  if (!found || !expected) return found === expected;
  if (!hasSameOwner(found, expected)) return false;
  if (found.type !== 'file') return found.target === expected.target;
  if (found.size !== expected.size) return false;
  if (hasSameStat(found, expected) && !isRacy(expected, lookedAtMs)) return true;
  if (expected.hash !== undefined) return settledHash(found) === expected.hash;
  return found.mtimeNs === expected.mtimeNs;
}
