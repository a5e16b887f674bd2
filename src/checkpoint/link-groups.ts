/**
 * Hard links: which paths of a snapshot were names of one file, and which of these names still hold it rightly.
 * A name that does not can be linked again to its group's anchor, a name that does.
 */
import { lstatSync } from 'node:fs';
import type { Entry } from './entry.ts';
import { hasSameContent, hasSameMtime, hasSameOwner } from './file-state.ts';
import type { Ground } from './ground.ts';
import type { Manifest } from './manifest.ts';
import { fsPath } from './path-text.ts';

export class LinkGroups {
  readonly #manifest: Manifest;
  readonly #ground: Ground;
  /** Whether a restore may set right what is at the path. */
  readonly #isTouched: (path: string) => boolean;
  #members: ReadonlyMap<string, readonly string[]> | undefined;
  /** By group; undefined: no name holds the file. */
  readonly #anchors = new Map<string, Entry | undefined>();

  constructor(manifest: Manifest, ground: Ground, isTouched: (path: string) => boolean) {
    this.#manifest = manifest;
    this.#ground = ground;
    this.#isTouched = isTouched;
  }

  /** Whether `found`, whose content is right, has the other names that it should have, and no more. */
  isLinkedRight(found: Entry, wanted: Entry): boolean {
    if (wanted.linkGroup === undefined) return found.inode === wanted.inode || namesOf(found) === 1;
    return this.#anchor(wanted.linkGroup)?.inode === found.inode;
  }

  /** The path to link `wanted` to; undefined when its content has to be written. */
  anchor(wanted: Entry): string | undefined {
    return wanted.linkGroup === undefined ? undefined : this.#anchor(wanted.linkGroup)?.path;
  }

  /** The content of `wanted` is written anew: the other names of its group follow it. */
  rewritten(wanted: Entry): void {
    if (wanted.linkGroup !== undefined) this.#anchors.set(wanted.linkGroup, { ...wanted, inode: -1n });
  }

  /** The paths that were names of the same file as `wanted`, itself among them. */
  names({ path, linkGroup }: Entry): readonly string[] {
    return linkGroup === undefined ? [path] : this.#namesIn(linkGroup);
  }

  #namesIn(group: string): readonly string[] {
    this.#members ??= membersOf(this.#manifest);
    return this.#members.get(group) ?? [];
  }

  #anchor(group: string): Entry | undefined {
    if (!this.#anchors.has(group)) this.#anchors.set(group, this.#findAnchor(group));
    return this.#anchors.get(group);
  }

  #findAnchor(group: string): Entry | undefined {
    const found = this.#namesIn(group)
      .map((path) => this.#ground.at(path))
      .filter((entry) => entry !== undefined);
    const fit = found.filter((entry) => this.#isFit(entry, found));
    const kept = fit.find((entry) => entry.inode === this.#manifest.entry(entry.path)?.inode);
    return kept ?? fit.find(({ path }) => !this.#isTouched(path)) ?? fit[0];
  }

  /** What a restore does not touch must be right as it is. */
  #isFit(entry: Entry, found: readonly Entry[]): boolean {
    const wanted = this.#manifest.entry(entry.path);
    if (!wanted || entry.type !== 'file') return false;
    const isRight = hasSameOwner(entry, wanted) && hasSameMtime(entry, wanted);
    if (!isRight && !this.#isTouched(entry.path)) return false;
    const sharers = found.filter(({ inode }) => inode === entry.inode).length;
    if (entry.inode !== wanted.inode && namesOf(entry) !== sharers) return false;
    return hasSameContent(entry, wanted, this.#manifest.tree.scannedAtMs);
  }
}

function membersOf({ tree }: Manifest): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, string[]>();
  for (const row of tree.inOrder()) {
    if (tree.links(row) < 2 || tree.type(row) !== 'file') continue;
    const key = tree.fileKey(row);
    const paths = members.get(key);
    if (paths) paths.push(tree.path(row));
    else members.set(key, [tree.path(row)]);
  }
  return members;
}

/** How many names the file has, wherever they are. */
const namesOf = ({ path }: Entry): number => lstatSync(fsPath(path), { throwIfNoEntry: false })?.nlink ?? 0;
