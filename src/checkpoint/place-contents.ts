/**
 * Second phase of a restore: takes away what is in the way, makes folders, moves what was staged into place, and sets
 * owners and permissions. Each act is whole by itself, and the same restore may begin again after any of them.
 * 1. A file is moved only into a folder that is one: a link on the way is never followed.
 * 2. A folder is removed only when it is empty.
 */
import { mkdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import type { Entry } from './entry.ts';
import type { Fate } from './fates.ts';
import type { FolderStamps } from './folder-stamps.ts';
import { type Ground, parentOf } from './ground.ts';
import { fsPath, pathText } from './path-text.ts';
import { type Dressing, setAttributes } from './set-attributes.ts';
import { dropTemps, type Stage } from './stage-contents.ts';

export interface PlaceTools {
  readonly ground: Ground;
  readonly stamps: FolderStamps;
  readonly withExtended: boolean;
}

/** What went wrong, by byte path. */
export function placeContents(
  fates: readonly Fate[],
  stage: Stage,
  tools: PlaceTools,
): ReadonlyMap<string, string> {
  const placing = new Placing(tools, stage);
  const able = fates.filter(({ path, remedy }) => remedy !== undefined && !stage.refused.has(path));
  for (const fate of able.toReversed()) if (isInTheWay(fate)) placing.act(fate, () => placing.remove(fate));
  for (const fate of able) if (fate.remedy === 'folder') placing.act(fate, () => placing.makeFolder(fate));
  for (const fate of able) if (stage.temps.has(fate.path)) placing.act(fate, () => placing.move(fate));
  dropTemps(stage.temps.values());
  placing.setAttributes(able);
  return placing.problems;
}

/** Whether something has to go before the wanted can come; a file or link is moved over by a file or link. */
function isInTheWay({ wanted, found }: Fate): boolean {
  if (!found) return false;
  return !wanted || (found.type === 'directory') !== (wanted.type === 'directory');
}

class Placing {
  readonly problems = new Map<string, string>();
  readonly #tools: PlaceTools;
  readonly #temps: ReadonlyMap<string, string>;

  constructor(tools: PlaceTools, stage: Stage) {
    this.#tools = tools;
    this.#temps = stage.temps;
  }

  /** Runs one act, unless an earlier one at the path went wrong or the way to it leads somewhere else. */
  act({ path }: Fate, run: () => void): void {
    if (this.problems.has(path)) return;
    const { ground, stamps } = this.#tools;
    try {
      const barrier = ground.barrier(path);
      if (barrier) {
        this.problems.set(path, `its folder \`${pathText(barrier.path)}\` is ${barrier.is}`);
        return;
      }
      stamps.open(parentOf(path));
      run();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      this.problems.set(path, reasonOf(error as NodeJS.ErrnoException));
    }
  }

  remove({ path, found }: Fate): void {
    try {
      if (found?.type === 'directory') rmdirSync(fsPath(path));
      else unlinkSync(fsPath(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (found?.type === 'directory') this.#tools.ground.forget();
  }

  makeFolder({ path }: Fate): void {
    mkdirSync(fsPath(path), { mode: 0o700 });
    this.#tools.ground.forget();
  }

  move({ path }: Fate): void {
    renameSync(fsPath(this.#temps.get(path) as string), fsPath(path));
  }

  /** Files and links that stayed first, then folders from the inside out: one may be closed by its own permissions. */
  setAttributes(fates: readonly Fate[]): void {
    const set = fates.filter(({ remedy }) => remedy === 'folder' || remedy === 'attributes');
    for (const fate of set) this.act(fate, () => {});
    const dressings = set
      .filter(({ path }) => !this.problems.has(path))
      .toReversed()
      .map(({ path, wanted }) => ({ at: path, like: wanted as Entry }));
    const isFolder = ({ like }: Dressing): boolean => like.type === 'directory';
    const ordered = [...dressings.filter((each) => !isFolder(each)), ...dressings.filter(isFolder)];
    setAttributes(ordered, this.#tools.withExtended);
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOTEMPTY') return 'not empty: holds what the run did not create';
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'no space left on its disk' : message;
}
