/**
 * What becomes of each path that a restore may touch: how it differs from the snapshot now, and what sets it right.
 * Looks at files, changes none; the plan and the restore both act on this.
 * 1. A path of which the snapshot does not know whether it was there is never removed.
 * 2. Nothing is planned below a link, and no folder is removed that holds what the run did not create.
 */
import { readdirSync } from 'node:fs';
import { closedAbove } from './coverage.ts';
import type { Entry } from './entry.ts';
import { hasSameContent, hasSameMtime, hasSameOwner, isAsExpected } from './file-state.ts';
import { Ground, parentOf } from './ground.ts';
import { LinkGroups } from './link-groups.ts';
import type { Manifest } from './manifest.ts';
import { bytePath, fsPath, pathText } from './path-text.ts';
import type { ReadTarget } from './restore-target.ts';
import { reasonOf } from './scan.ts';
import type { ChangeKind } from './snapshot.ts';
import { isTempName } from './temp-name.ts';
import { attributesMissing, isSame, readAttributes } from './xattrs.ts';

/** `write`: a new file or link. `link`: another name of a file that is there. `attributes`: all but the content is set. */
export type Remedy = 'remove' | 'folder' | 'write' | 'link' | 'attributes';

export interface Fate {
  readonly path: string;
  /** As the snapshot has it; undefined: it was not there. */
  readonly wanted: Entry | undefined;
  /** As it is now; undefined: it is not there. */
  readonly found: Entry | undefined;
  /** Absent: it is as it should be, or cannot be set right. */
  readonly remedy?: Remedy;
  /** Byte path of the file that `link` makes another name of. */
  readonly anchor?: string;
  /** Why it differs from the snapshot and will go on to. */
  readonly lost?: string;
  /** What somebody else did to it after the run. */
  readonly conflict?: ChangeKind;
}

/** How the reason begins why a folder that the run made stays: somebody has put something into it. */
export const NOT_EMPTY = 'not empty';

export interface Fates {
  /** By path, a folder before what is in it. Paths to be kept are not among them; missing folders above others are. */
  readonly all: readonly Fate[];
  readonly groups: LinkGroups;
  readonly ground: Ground;
  /** Whether extended attributes have a part in it; each look at them takes a process. */
  readonly withExtended: boolean;
}

type Way = Pick<Fate, 'remedy' | 'anchor' | 'lost'>;

/** `keep` are byte paths that stay as they are; `isThere` tells whether the store has a content. */
export function fatesOf(
  target: ReadTarget,
  keep: ReadonlySet<string>,
  isThere: (hash: string) => boolean,
): Fates {
  return new FateFinder(target, keep, isThere).run();
}

class FateFinder {
  readonly #target: ReadTarget;
  readonly #manifest: Manifest;
  readonly #keep: ReadonlySet<string>;
  readonly #isThere: (hash: string) => boolean;
  readonly #touched: ReadonlySet<string>;
  readonly #reasons: ReadonlyMap<string, string>;
  readonly #ground: Ground;
  readonly #groups: LinkGroups;
  /** Folders that no list names, and that must be there again for what is in them. */
  readonly #missing = new Set<string>();

  constructor(target: ReadTarget, keep: ReadonlySet<string>, isThere: (hash: string) => boolean) {
    this.#target = target;
    this.#manifest = target.manifest;
    this.#keep = keep;
    this.#isThere = isThere;
    this.#touched = new Set(target.paths.filter((path) => !keep.has(path)));
    this.#reasons = new Map(this.#manifest.missed.map(({ path, reason }) => [path, reason]));
    this.#ground = new Ground(this.#manifest.info.scope.roots.map(bytePath));
    this.#groups = new LinkGroups(this.#manifest, this.#ground, (path) => this.#touched.has(path));
  }

  run(): Fates {
    const fates = [...this.#touched].map((path) => this.#fateOf(path));
    const above = [...this.#missing].map((path) => this.#fateOf(path));
    const all = [...fates, ...above].sort((a, b) => (a.path < b.path ? -1 : 1));
    const altered = this.#alteredAttributes(all);
    const complete = all.map((fate) => altered.get(fate) ?? fate);
    return {
      all: withoutFullFolders(complete),
      groups: this.#groups,
      ground: this.#ground,
      withExtended: knowsAttributes(this.#manifest) && (altered.size > 0 || this.#hasAttributes(all)),
    };
  }

  #fateOf(path: string): Fate {
    const wanted = this.#manifest.entry(path);
    try {
      const found = this.#ground.at(path);
      const fate = { path, wanted, found, ...this.#wayOf(path, wanted, found) };
      return { ...fate, ...this.#conflict(fate) };
    } catch (error) {
      return { path, wanted, found: undefined, lost: reasonOf(error) };
    }
  }

  #wayOf(path: string, wanted: Entry | undefined, found: Entry | undefined): Way {
    if (!wanted) {
      const reason = this.#unknown(path);
      if (reason !== undefined) return { lost: `not in the snapshot: ${reason}` };
      return found ? { remedy: 'remove' } : {};
    }
    const blocked = this.#blocked(path);
    if (blocked !== undefined) return { lost: blocked };
    if (wanted.type === 'directory') return wayOfFolder(wanted, found);
    return wanted.type === 'symlink' ? wayOfSymlink(wanted, found) : this.#wayOfFile(wanted, found);
  }

  #wayOfFile(wanted: Entry, found: Entry | undefined): Way {
    const isRight = found !== undefined && hasSameContent(found, wanted, this.#manifest.tree.scannedAtMs);
    if (isRight && this.#groups.isLinkedRight(found, wanted))
      return hasSameOwner(found, wanted) && hasSameMtime(found, wanted) ? {} : { remedy: 'attributes' };
    const anchor = this.#groups.anchor(wanted);
    if (anchor !== undefined) return { remedy: 'link', anchor };
    if (wanted.hash === undefined)
      return { lost: `not in the snapshot: ${this.#reasons.get(wanted.path) ?? 'its content was not read'}` };
    if (!this.#isThere(wanted.hash)) return { lost: 'its content is missing from the snapshot store' };
    this.#groups.rewritten(wanted);
    return { remedy: 'write' };
  }

  /** Why the snapshot cannot tell whether `path`, which it does not hold, was there; undefined: it was not. */
  #unknown(path: string): string | undefined {
    const closed = closedAbove(this.#manifest.tree, path);
    if (closed === undefined) return this.#reasons.get(path);
    return this.#reasons.get(closed) ?? 'its folder was not read';
  }

  /** Why nothing can be put at `path`; undefined: the folders above it are there, or will be. */
  #blocked(path: string): string | undefined {
    const barrier = this.#ground.barrier(path);
    if (!barrier) return undefined;
    for (const folder of foldersBetween(barrier.path, path)) {
      if (this.#keep.has(folder)) return `its folder \`${pathText(folder)}\` is kept as it is`;
      if (this.#touched.has(folder)) continue;
      if (folder === barrier.path && barrier.is === 'no folder')
        return `its folder \`${pathText(folder)}\` is a file or a link now`;
      this.#missing.add(folder);
    }
    return undefined;
  }

  #conflict({ path, found, remedy }: Fate): Pick<Fate, 'conflict'> {
    const { entry, lookedAtMs } = this.#target.expected(path);
    if (remedy === undefined || isAsExpected(found, entry, lookedAtMs)) return {};
    if (!entry) return { conflict: 'created' };
    return { conflict: found ? 'changed' : 'deleted' };
  }

  /** Fates of which only the extended attributes are not as they should be; compared for all at once. */
  #alteredAttributes(fates: readonly Fate[]): ReadonlyMap<Fate, Fate> {
    const open = fates.filter((fate) => isOpen(fate));
    if (open.length === 0 || attributesMissing('getfattr') || !knowsAttributes(this.#manifest))
      return new Map();
    const now = readAttributes(open.map(({ path }) => path));
    const others = open.filter(({ path, wanted }) => !isSame(now.get(path) ?? {}, wanted?.xattrs ?? {}));
    return new Map(
      others.map((fate) => {
        const altered: Fate = { ...fate, remedy: 'attributes' };
        return [fate, { ...altered, ...this.#conflict(altered) }];
      }),
    );
  }

  /** A new file may have some from its folder. */
  #hasAttributes(fates: readonly Fate[]): boolean {
    const folders = new Set(fates.map(({ path }) => parentOf(path)));
    return (
      fates.some(({ wanted }) => wanted?.xattrs !== undefined) ||
      [...folders].some((folder) => this.#manifest.entry(folder)?.xattrs !== undefined)
    );
  }
}

/** Whether the snapshot says which extended attributes its files had. */
const knowsAttributes = ({ notes }: Manifest): boolean =>
  !notes.some((note) => note.startsWith('extended attributes'));

/** Its extended attributes may not be as they should be, and nothing is written anew. */
const isOpen = ({ wanted, found, remedy, lost }: Fate): boolean =>
  found !== undefined &&
  wanted !== undefined &&
  (remedy === undefined || remedy === 'attributes') &&
  lost === undefined &&
  wanted.type !== 'symlink' &&
  found.ctimeNs !== wanted.ctimeNs;

const wayOfFolder = (wanted: Entry, found: Entry | undefined): Way => {
  if (found?.type !== 'directory') return { remedy: 'folder' };
  return hasSameOwner(found, wanted) ? {} : { remedy: 'attributes' };
};

const wayOfSymlink = (wanted: Entry, found: Entry | undefined): Way =>
  found && found.target === wanted.target && hasSameOwner(found, wanted) && hasSameMtime(found, wanted)
    ? {}
    : { remedy: 'write' };

/** From `top` down to the folder that `path` lies in. */
function foldersBetween(top: string, path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = parentOf(path); at.length >= top.length; at = parentOf(at)) folders.unshift(at);
  return folders;
}

/** Folders in the way that hold what stays cannot go, and neither can the folders around them. */
function withoutFullFolders(fates: readonly Fate[]): readonly Fate[] {
  const going = new Set<string>();
  const ofRun = new Set(fates.map(({ path }) => path));
  const settled = fates.toReversed().map((fate) => {
    const { path, wanted, found, remedy } = fate;
    const goes = found && remedy !== undefined && (!wanted || wanted.type !== found.type);
    if (!goes) return fate;
    const full = found.type === 'directory' ? fullness(path, going, ofRun) : undefined;
    if (full === undefined) {
      going.add(path);
      return fate;
    }
    const { remedy: _, anchor: __, ...rest } = fate;
    return { ...rest, lost: full };
  });
  return settled.reverse();
}

/** Why `folder` stays; undefined: all that is in it goes. `ofRun` are the paths that the run has changed. */
function fullness(
  folder: string,
  going: ReadonlySet<string>,
  ofRun: ReadonlySet<string>,
): string | undefined {
  try {
    const stays = readdirSync(fsPath(folder), { encoding: 'latin1', withFileTypes: true }).find(
      ({ name }) => !going.has(`${folder}/${name}`) && !isTempName(name),
    );
    if (!stays) return undefined;
    const holds = `${NOT_EMPTY}: holds \`${pathText(stays.name)}\``;
    if (stays.isFIFO() || stays.isSocket()) return `${holds}, a ${stays.isFIFO() ? 'fifo' : 'socket'}`;
    return `${holds}, which ${ofRun.has(`${folder}/${stays.name}`) ? 'stays' : 'the run did not create'}`;
  } catch (error) {
    return reasonOf(error);
  }
}
