/**
 * First phase of a restore: every new file and link is written beside its place, with owner and permissions, so that
 * moving it there is one act. Changes nothing that anybody sees.
 * 1. When something cannot be written for a reason that is not its own (a full disk), nothing stays behind.
 */
import { linkSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import type { Entry } from './entry.ts';
import type { Fate } from './fates.ts';
import type { FolderStamps } from './folder-stamps.ts';
import type { Ground } from './ground.ts';
import type { ObjectStore } from './object-store.ts';
import { fsPath } from './path-text.ts';
import { setAttributes } from './set-attributes.ts';
import { isTempNameOf, tempName } from './temp-name.ts';

export interface Stage {
  /** Path to the file that will be moved there; both byte paths. */
  readonly temps: ReadonlyMap<string, string>;
  /** Paths whose content is damaged in the store, with the reason. */
  readonly refused: ReadonlyMap<string, string>;
  /** Why nothing was staged at all, and at which path. */
  readonly failed?: { readonly path: string; readonly reason: string };
}

export interface StageTools {
  readonly operation: string;
  readonly objects: ObjectStore;
  readonly ground: Ground;
  readonly stamps: FolderStamps;
  /** Whether extended attributes have a part in it. */
  readonly withExtended: boolean;
}

/** Writes what the fates need written or linked. */
export const stageContents = (fates: readonly Fate[], tools: StageTools): Stage =>
  new Staging(tools).run(
    fates.filter(({ remedy }) => remedy === 'write' || remedy === 'link') as readonly StagedFate[],
  );

/** Removes what an interrupted restore of the same name left in these folders, and tells where there was something. */
export function sweepTemps(operation: string, folders: Iterable<string>): readonly string[] {
  return [...folders].filter((folder) => {
    const left = readdirSync(fsPath(folder), 'latin1').filter((name) => isTempNameOf(operation, name));
    dropTemps(left.map((name) => `${folder}/${name}`));
    return left.length > 0;
  });
}

export function dropTemps(temps: Iterable<string>): void {
  for (const temp of temps) rmSync(fsPath(temp), { force: true });
}

type StagedFate = Fate & { readonly wanted: Entry };

class Staging {
  readonly #tools: StageTools;
  readonly #temps = new Map<string, string>();
  readonly #refused = new Map<string, string>();

  constructor(tools: StageTools) {
    this.#tools = tools;
  }

  run(fates: readonly StagedFate[]): Stage {
    for (const [number, fate] of fates.entries()) {
      const folder = this.#tools.ground.folderAbove(fate.path);
      const temp = `${folder === '/' ? '' : folder}/${tempName(this.#tools.operation, number)}`;
      const reason = this.#put(fate, folder, temp);
      if (reason === undefined) continue;
      dropTemps(this.#temps.values());
      return { temps: new Map(), refused: new Map(), failed: { path: fate.path, reason } };
    }
    const written = fates.flatMap(({ path, remedy, wanted }) => {
      const at = remedy === 'write' ? this.#temps.get(path) : undefined;
      return at === undefined ? [] : [{ at, like: wanted }];
    });
    setAttributes(written, this.#tools.withExtended);
    return { temps: this.#temps, refused: this.#refused };
  }

  /** Why it cannot go on; undefined: the temp is there, or the path is refused. */
  #put(fate: StagedFate, folder: string, temp: string): string | undefined {
    const { path, wanted, remedy, anchor } = fate;
    try {
      this.#tools.stamps.open(folder);
      if (remedy === 'link') return this.#link(fate, anchor as string, temp);
      if (wanted.type === 'file') return this.#materialize(path, wanted.hash as string, temp);
      symlinkSync(fsPath(wanted.target as string), fsPath(temp));
      this.#temps.set(path, temp);
      return undefined;
    } catch (error) {
      return reasonOf(error as NodeJS.ErrnoException);
    }
  }

  #materialize(path: string, hash: string, temp: string): string | undefined {
    const done = this.#tools.objects.materialize(hash, temp);
    if (done.ok) this.#temps.set(path, temp);
    else if (done.error.code === 'object_damaged') this.#refused.set(path, done.error.message);
    else return done.error.code === 'disk_full' ? NO_SPACE : done.error.message;
    return undefined;
  }

  /** Where the system allows no link, the content is written once more. */
  #link({ path, wanted }: StagedFate, anchor: string, temp: string): string | undefined {
    const refused = this.#refused.get(anchor);
    if (refused !== undefined) {
      this.#refused.set(path, refused);
      return undefined;
    }
    try {
      linkSync(fsPath(this.#temps.get(anchor) ?? anchor), fsPath(temp));
      this.#temps.set(path, temp);
      return undefined;
    } catch (error) {
      if (wanted.hash === undefined) return reasonOf(error as NodeJS.ErrnoException);
      return this.#materialize(path, wanted.hash, temp);
    }
  }
}

const NO_SPACE = 'no space left on its disk';

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ENOSPC' || code === 'EDQUOT' ? NO_SPACE : message;
