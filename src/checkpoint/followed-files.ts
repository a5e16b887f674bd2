/**
 * The files of one scope as they were last seen, in memory, and what changed when they are looked at again.
 * 1. A look changes nothing here until its outcome is taken over (`take`): what could not be recorded is found again.
 * 2. Where a folder could not be listed nothing is concluded from what is not seen in it.
 */
import type { Change } from './change-list.ts';
import { type Coverage, closedAbove } from './coverage.ts';
import type { Entry } from './entry.ts';
import { hasSameOwner, hasSameStat, isRacy, settledHash } from './file-state.ts';
import { type Scan, scanTree } from './scan.ts';
import type { Scope } from './snapshot.ts';
import type { Tree } from './tree.ts';
import { attributesMissing, isSame, readAttributes } from './xattrs.ts';

/** A changed file up to this size is hashed at the look, while it is still in memory. */
const HASHED_BYTES_MAX = 1024 * 1024;
/** More changed files than this in one look get no hash: a look is waited for. */
const HASHED_FILES_MAX = 5_000;

/** What one look found. */
export interface Look {
  readonly changes: readonly Change[];
  /** Folders that got another time, perhaps from what came and went in them; no change that anybody is told of. */
  readonly touched: readonly string[];
  readonly tree: Tree;
}

export class FollowedFiles {
  readonly #scope: Scope;
  readonly #skip: readonly string[];
  #tree: Tree;
  /** What lists say happened since the tree, by path; undefined: deleted. Empty after the first look. */
  #since: ReadonlyMap<string, Entry | undefined>;

  constructor(scope: Scope, skip: readonly string[], tree: Tree, since: readonly Change[], covers: Coverage) {
    this.#scope = scope;
    this.#skip = skip;
    this.#tree = tree;
    this.#since = new Map(
      since
        .filter(({ path, after }) => tree.find(path) >= 0 || covers(path, after?.type === 'directory'))
        .map(({ path, after }) => [path, after]),
    );
  }

  look(): Look {
    const scan = scanTree(this.#scope, { skip: this.#skip, previous: this.#tree });
    const touched: string[] = [];
    const seen = this.#seen(scan, touched);
    const changes = [...seen, ...this.#goneFromTree(scan), ...this.#goneSince(scan)];
    return { changes, touched, tree: scan.tree };
  }

  take(look: Look): void {
    this.#tree = look.tree;
    this.#since = new Map();
  }

  /** Changes at paths where something is; what is known of their content goes into the scan's tree. */
  #seen({ tree, fresh }: Scan, touched: string[]): readonly Change[] {
    const changes: Change[] = [];
    const doubtful: Doubtful[] = [];
    let hashed = 0;
    for (const row of fresh) {
      const now = tree.entry(row);
      const before = this.#before(now.path);
      if (before && isUntouched(before, now, tree.links(row), this.#tree.scannedAtMs)) {
        keepKnown(tree, row, before);
        if (now.type === 'directory' && now.mtimeNs !== before.mtimeNs) touched.push(now.path);
        if (!this.#since.has(now.path) && mayHaveOtherAttributes(before, now))
          doubtful.push({ row, now, before });
        continue;
      }
      const isHashed = now.type === 'file' && now.size <= HASHED_BYTES_MAX && hashed < HASHED_FILES_MAX;
      const hash = isHashed ? settledHash(now) : undefined;
      if (hash !== undefined) tree.setHash(row, Buffer.from(hash, 'hex'));
      if (isHashed) hashed += 1;
      const after = hash === undefined ? now : { ...now, hash };
      changes.push({ path: now.path, kind: before ? 'changed' : 'created', after });
    }
    return [...changes, ...otherAttributes(tree, doubtful)];
  }

  #goneFromTree({ gone }: Scan): readonly Change[] {
    return gone
      .map((row) => this.#tree.path(row))
      .filter((path) => this.#before(path) !== undefined)
      .map((path) => ({ path, kind: 'deleted' }));
  }

  /** Paths that a list created, that no tree knows, and that are not there any more. */
  #goneSince({ tree }: Scan): readonly Change[] {
    return [...this.#since]
      .filter(([path, entry]) => entry && this.#tree.find(path) < 0 && tree.find(path) < 0)
      .filter(([path]) => closedAbove(tree, path) === undefined)
      .map(([path]) => ({ path, kind: 'deleted' }));
  }

  #before(path: string): Entry | undefined {
    if (this.#since.has(path)) return this.#since.get(path);
    const row = this.#tree.find(path);
    return row < 0 ? undefined : this.#tree.entry(row);
  }
}

/** The same file or folder, stamped as if its extended attributes had changed. */
interface Doubtful {
  readonly row: number;
  readonly now: Entry;
  readonly before: Entry;
}

/** A folder's stamps are equal after something came or went in it, and apart after its attributes changed. */
const mayHaveOtherAttributes = (before: Entry, now: Entry): boolean =>
  now.type !== 'symlink' &&
  before.ctimeNs !== now.ctimeNs &&
  (now.type === 'file' || before.xattrs !== undefined || now.ctimeNs !== now.mtimeNs);

function otherAttributes(tree: Tree, doubtful: readonly Doubtful[]): readonly Change[] {
  if (doubtful.length === 0 || attributesMissing('getfattr')) return [];
  const attributes = readAttributes(doubtful.map(({ now }) => now.path));
  return doubtful.flatMap(({ row, now, before }): readonly Change[] => {
    const found = attributes.get(now.path) ?? {};
    if (isSame(found, before.xattrs ?? {})) return [];
    tree.xattrs.set(row, found);
    return [{ path: now.path, kind: 'changed', after: tree.entry(row) }];
  });
}

function keepKnown(tree: Tree, row: number, { hash, xattrs }: Entry): void {
  if (hash !== undefined) tree.setHash(row, Buffer.from(hash, 'hex'));
  if (xattrs !== undefined) tree.xattrs.set(row, xattrs);
}

/**
 * Whether the same file, folder or link is still there. A new stamp alone is no change of a folder, and none of a file
 * whose content is known to be the same: another name of it came or went. `names` is how many the file has now.
 */
function isUntouched(before: Entry, now: Entry, names: number, lookedAtMs: number): boolean {
  if (!hasSameOwner(before, now)) return false;
  if (now.type === 'directory') return true;
  if (before.size !== now.size || before.mtimeNs !== now.mtimeNs || before.target !== now.target)
    return false;
  if (now.type === 'symlink') return true;
  const isShared = names > 1 || before.linkGroup !== undefined;
  if (isShared && before.inode !== now.inode) return false;
  if (hasSameStat(before, now) && !isRacy(before, lookedAtMs)) return true;
  if (before.hash !== undefined) return settledHash(now) === before.hash;
  return hasSameStat(before, now);
}
