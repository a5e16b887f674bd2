/**
 * Lists the files of a scope as a tree, in one pass and one thread, taking over what an earlier tree knows of files
 * that look unchanged. Reads no content.
 * 1. A row taken over is of a file that kept its stat since well before the earlier scan (the racy rule): one stamped
 *    within `RACY_MS` of that scan may have changed again without a new stamp, and counts as fresh.
 * 2. What cannot be listed is closed or named in `omitted`, never silently absent.
 */
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import type { Entry } from './entry.ts';
import { type Exclusion, exclusionOf } from './exclusion.ts';
import { bytePath, fsPath } from './path-text.ts';
import type { Scope } from './snapshot.ts';
import { isTempName } from './temp-name.ts';
import { formatOf, Tree, TYPE_OF } from './tree.ts';

/** Time stamps of file systems are coarser than the clock, some by two seconds. */
export const RACY_MS = 2_000;

export interface ScanOptions {
  /** Folders that are no part of the tree, as absolute byte paths. */
  readonly skip: readonly string[];
  readonly previous?: Tree | undefined;
  /** Enter folders that were closed in `previous`: what is found there is not new for that. */
  readonly reopen?: boolean;
  /** A folder whose children would make more rows than this is closed. */
  readonly filesMax?: number;
  /** Asked once a folder; true ends the scan, which then has only part of the tree. */
  readonly isOver?: () => boolean;
}

/** A path that the tree does not hold, or whose content it does not, as a byte path. */
export interface Missed {
  readonly path: string;
  readonly reason: string;
}

export interface Scan {
  readonly tree: Tree;
  /** Rows of `tree` that are new, look changed or may have changed. */
  readonly fresh: readonly number[];
  /** Rows of `previous` whose paths are not there any more. */
  readonly gone: readonly number[];
  readonly missed: readonly Missed[];
  /** How many entries an exclude left out; what is below an excluded folder is not counted. */
  readonly excluded: number;
  readonly over: boolean;
}

/** The files of `scope` as they are now. */
export function scanTree(scope: Scope, options: ScanOptions): Scan {
  return new Scanner(scope, options).run();
}

/** One path as it is now, without its content's hash; undefined when it is not there, or is no file, folder or link. */
export function fingerprintOf(path: string): Entry | undefined {
  const tree = new Tree(Date.now(), 1);
  try {
    const stat = lstatSync(fsPath(path), { bigint: true });
    if (!TYPE_OF.has(formatOf(Number(stat.mode)))) return undefined;
    const row = tree.add(-1, path);
    tree.setStat(row, stat);
    if (stat.isSymbolicLink()) tree.targets.set(row, readlinkSync(fsPath(path), 'latin1'));
    return tree.entry(row);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

const OTHER_TYPES: ReadonlyMap<number, string> = new Map([
  [0o140000, 'socket'],
  [0o010000, 'fifo'],
  [0o020000, 'character device'],
  [0o060000, 'block device'],
]);
/** Room for what is new: a few new files must not make the columns grow. */
const SPARE_ROWS = 4096;
const NONE = [0, 0] as const;
const PRESENT = { throwIfNoEntry: false } as const;
const EXACT = { bigint: true, throwIfNoEntry: false } as const;

class Scanner {
  readonly #scope: Scope;
  readonly #options: ScanOptions;
  readonly #previous: Tree | undefined;
  readonly #skip: ReadonlySet<string>;
  readonly #isExcluded: Exclusion | undefined;
  readonly #tree: Tree;
  readonly #fresh: number[] = [];
  readonly #gone: number[] = [];
  readonly #missed: Missed[] = [];
  #excluded = 0;
  #over = false;

  constructor(scope: Scope, options: ScanOptions) {
    this.#scope = scope;
    this.#options = options;
    this.#previous = options.previous;
    this.#skip = new Set(options.skip);
    this.#isExcluded = exclusionOf(scope);
    this.#tree = new Tree(Date.now(), (options.previous?.rows ?? 0) + SPARE_ROWS);
  }

  run(): Scan {
    const names = this.#scope.roots.map(bytePath).sort(byBytes);
    this.#list(-1, '', names, [0, this.#previous?.roots ?? 0]);
    return {
      tree: this.#tree,
      fresh: this.#fresh,
      gone: this.#gone,
      missed: this.#missed,
      excluded: this.#excluded,
      over: this.#over,
    };
  }

  /** Rows for `names` in `parent`, then all below them; `earlier` are the rows of the same folder before. */
  #list(parent: number, prefix: string, names: readonly string[], earlier: readonly [number, number]): void {
    const tree = this.#tree;
    const previous = this.#previous;
    const first = tree.rows;
    const before: number[] = [];
    let [old, oldEnd] = earlier;
    let oldName = old < oldEnd ? previous!.name(old) : '';
    const step = (): number => {
      old += 1;
      if (old < oldEnd) oldName = previous!.name(old);
      return old - 1;
    };
    for (const name of names) {
      while (old < oldEnd && oldName < name) this.#leave(step());
      const known = old < oldEnd && oldName === name ? step() : -1;
      const found = this.#look(parent, prefix + name, name, known);
      if (found === 'row') before.push(known);
      else if (found === 'unknown' && parent >= 0) tree.setClosed(parent, true);
      else if (known >= 0) this.#leave(known);
    }
    while (old < oldEnd) this.#leave(old++);
    const count = tree.rows - first;
    if (parent >= 0) tree.adopt(parent, count);
    for (let index = 0; index < count; index += 1) {
      const row = first + index;
      const known = before[index] as number;
      if (tree.type(row) === 'directory') this.#enter(row, prefix + tree.name(row), known);
      else if (known >= 0) this.#leaveBelow(known);
    }
  }

  /** Adds the row of one path, if it is a part of the tree. */
  #look(parent: number, path: string, name: string, known: number): 'row' | 'none' | 'unknown' {
    if (isTempName(name)) return 'none';
    const at = fsPath(path);
    try {
      const stat = lstatSync(at, PRESENT);
      if (!stat || !this.#belongs(path, stat.mode)) return 'none';
      if (known >= 0 && this.#isUnchanged(known, stat)) {
        this.#tree.copy(this.#tree.add(parent, name), this.#previous!, known);
        return 'row';
      }
      return this.#lookClosely(parent, at, name) ? 'row' : 'none';
    } catch (error) {
      this.#missed.push({ path, reason: reasonOf(error) });
      return 'unknown';
    }
  }

  #lookClosely(parent: number, at: string | Buffer, name: string): boolean {
    const stat = lstatSync(at, EXACT);
    if (!stat || !TYPE_OF.has(formatOf(Number(stat.mode)))) return false;
    const target = stat.isSymbolicLink() ? readlinkSync(at, 'latin1') : undefined;
    const row = this.#tree.add(parent, name);
    this.#tree.setStat(row, stat);
    if (target !== undefined) this.#tree.targets.set(row, target);
    this.#fresh.push(row);
    return true;
  }

  #belongs(path: string, mode: number): boolean {
    const type = TYPE_OF.get(formatOf(mode));
    if (type === 'directory' && this.#skip.has(path)) return false;
    if (this.#isExcluded?.(path, type === 'directory')) this.#excluded += 1;
    else if (type) return true;
    else this.#missed.push({ path, reason: OTHER_TYPES.get(formatOf(mode)) ?? 'special file' });
    return false;
  }

  #isUnchanged(known: number, stat: Stats): boolean {
    const previous = this.#previous as Tree;
    return previous.hasStat(known, stat) && previous.changedAtMs(known) < previous.scannedAtMs - RACY_MS;
  }

  #enter(row: number, path: string, known: number): void {
    const previous = this.#previous;
    const before = known >= 0 ? previous!.children(known) : NONE;
    const wasClosed = known >= 0 && previous!.isClosed(known);
    this.#over ||= this.#options.isOver?.() ?? false;
    this.#tree.setClosed(row, (wasClosed && !this.#options.reopen) || this.#over);
    if (this.#tree.isClosed(row)) return;
    const names = this.#namesIn(path);
    if (names && this.#tree.rows + names.length <= (this.#options.filesMax ?? Number.POSITIVE_INFINITY)) {
      this.#list(row, `${path}/`, names, before);
      return;
    }
    this.#tree.setClosed(row, true);
    if (names) this.#missed.push({ path, reason: `over the budget of ${this.#options.filesMax} files` });
  }

  /** Sorted; undefined where the folder cannot be read. */
  #namesIn(path: string): readonly string[] | undefined {
    try {
      return readdirSync(fsPath(path), 'latin1').sort(byBytes);
    } catch (error) {
      if (isGone(error)) return [];
      this.#missed.push({ path, reason: reasonOf(error) });
      return undefined;
    }
  }

  #leave(row: number): void {
    this.#gone.push(row);
    this.#leaveBelow(row);
  }

  #leaveBelow(row: number): void {
    const [first, end] = (this.#previous as Tree).children(row);
    for (let child = first; child < end; child += 1) this.#leave(child);
  }
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');
/** Why a path could not be looked at. */
export const reasonOf = (error: unknown): string =>
  ['EACCES', 'EPERM'].includes(codeOf(error) ?? '') ? 'not readable' : `not readable: ${codeOf(error)}`;
