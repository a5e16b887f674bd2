/**
 * Brings the paths of a run's change lists back to what a snapshot has: looks, stages, places, verifies.
 * 1. Nothing but these paths, and missing folders above them, is written or removed.
 * 2. Until everything is staged nothing is changed; then the same request goes on wherever it was interrupted.
 */
import { assert, type Failure, ok, type Result } from '../engine/core/failure.ts';
import { isWithin } from './coverage.ts';
import type { Entry } from './entry.ts';
import { type Fate, type Fates, fatesOf, NOT_EMPTY } from './fates.ts';
import { FolderStamps } from './folder-stamps.ts';
import { Ground, parentOf } from './ground.ts';
import { bytePath, pathText } from './path-text.ts';
import { placeContents } from './place-contents.ts';
import { pathsOf, type ReadTarget, readTarget } from './restore-target.ts';
import { type Stamp, setTimes } from './set-times.ts';
import { OMITTED_SHOWN_MAX, type Restore, type Restored } from './snapshot.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { type Stage, stageContents, sweepTemps } from './stage-contents.ts';
import { isOperation } from './temp-name.ts';
import { verifyRestore } from './verify-restore.ts';

/** `failed` when nothing was changed, `partial` when some path is not as the snapshot has it. */
export function restoreFiles(store: SnapshotStore, request: Restore): Promise<Result<Restored, Failure>> {
  assert(isOperation(request.operation), `\`${request.operation}\` is no name for a restore`);
  return store.shared(() => {
    const target = readTarget(store, request);
    if (!target.ok) return target;
    const keep = pathsOf(store.folder, request.keep);
    return keep.ok ? ok(new Restoring(store, request.operation, target.value, keep.value).run()) : keep;
  });
}

type Problems = ReadonlyMap<string, string>;

class Restoring {
  readonly #store: SnapshotStore;
  readonly #operation: string;
  readonly #target: ReadTarget;
  readonly #keep: ReadonlySet<string>;

  constructor(store: SnapshotStore, operation: string, target: ReadTarget, keep: ReadonlySet<string>) {
    this.#store = store;
    this.#operation = operation;
    this.#target = target;
    this.#keep = keep;
  }

  run(): Restored {
    const swept = sweepTemps(this.#operation, this.#foldersAbove());
    const fates = fatesOf(this.#target, this.#keep, (hash) => this.#store.objects.has(hash));
    const stamps = this.#stamps(fates, swept);
    const tools = { ...fates, stamps };
    const stage = stageContents(fates.all, {
      ...tools,
      operation: this.#operation,
      objects: this.#store.objects,
    });
    if (stage.failed) {
      stamps.close();
      setTimes(stamps.times(() => undefined));
      return failed(stage.failed);
    }
    const wrong = placeContents(fates.all, stage, tools);
    stamps.close();
    const placed = fates.all.filter(({ path }) => !wrong.has(path) && !stage.refused.has(path));
    setTimes([...timesOf(placed), ...stamps.times((folder) => this.#kept(folder))]);
    fates.ground.forget();
    return this.#result(fates.all, this.#problems(fates, stage, wrong));
  }

  #kept(folder: string): Entry | undefined {
    return this.#keep.has(folder) ? undefined : this.#target.manifest.entry(folder);
  }

  /** Every folder that is there and may hold a file of an interrupted restore. */
  #foldersAbove(): ReadonlySet<string> {
    const roots = this.#target.manifest.info.scope.roots.map(bytePath);
    const ground = new Ground(roots);
    const folders = new Set<string>();
    const add = (path: string): void => {
      const folder = ground.folderAbove(path);
      if (folders.has(folder)) return;
      folders.add(folder);
      if (roots.some((root) => isWithin(folder, root))) add(folder);
    };
    for (const path of this.#target.paths) add(path);
    return folders;
  }

  #stamps({ all, ground }: Fates, swept: readonly string[]): FolderStamps {
    const others = all.filter(({ remedy }) => remedy === 'folder' || remedy === 'attributes');
    const stamps = new FolderStamps(new Set(others.map(({ path }) => path)));
    const touched = [...this.#target.touched].filter(
      (folder) => this.#target.manifest.tree.find(folder) >= 0 && !ground.barrier(folder),
    );
    for (const folder of [...swept, ...touched]) stamps.note(folder);
    for (const { path, lost } of all)
      if (lost === undefined && !ground.barrier(path)) stamps.note(parentOf(path));
    return stamps;
  }

  /** What is not right, in the words of whoever knows the reason best. */
  #problems(fates: Fates, stage: Stage, wrong: Problems): Problems {
    const acted = fates.all.filter(({ remedy }) => remedy !== undefined);
    const differing = verifyRestore(acted, fates);
    const problems = new Map<string, string>();
    for (const { path, lost } of fates.all) {
      const difference = differing.get(path);
      if (lost !== undefined) problems.set(path, lost);
      else if (difference !== undefined)
        problems.set(path, stage.refused.get(path) ?? wrong.get(path) ?? difference);
    }
    return problems;
  }

  #result(all: readonly Fate[], wrong: Problems): Restored {
    const full = all.filter(({ wanted, lost }) => !wanted && lost?.startsWith(NOT_EMPTY));
    const done = all.filter(({ path, remedy }) => remedy !== undefined && !wrong.has(path));
    const kept = this.#target.paths.filter((path) => this.#keep.has(path));
    const problems = [...wrong, ...kept.map((path) => [path, 'kept as somebody else left it'] as const)];
    const created = done.filter(({ found }) => !found).length;
    const deleted = done.filter(({ wanted }) => !wanted).length;
    return {
      result: problems.length === 0 ? 'complete' : 'partial',
      created,
      changed: done.length - created - deleted,
      deleted,
      kept: kept.length + full.length,
      problems: problems
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, OMITTED_SHOWN_MAX)
        .map(([path, reason]) => ({ path: pathText(path), reason })),
      problemCount: problems.length,
    };
  }
}

const timesOf = (fates: readonly Fate[]): readonly Stamp[] =>
  fates.flatMap(({ path, wanted, remedy }) =>
    wanted && remedy !== undefined ? [{ at: path, mtimeNs: wanted.mtimeNs }] : [],
  );

const failed = ({ path, reason }: { readonly path: string; readonly reason: string }): Restored => ({
  result: 'failed',
  created: 0,
  changed: 0,
  deleted: 0,
  kept: 0,
  problems: [{ path: pathText(path), reason }],
  problemCount: 1,
});
