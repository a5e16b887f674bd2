/**
 * A tree in a scratch folder with a store of snapshots beside it: taken, broken step by step, restored.
 * Acts on the product's own functions; only the thread around them is left out.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { FollowRuns } from '../../src/checkpoint/follow-runs.ts';
import { planRestore } from '../../src/checkpoint/plan-restore.ts';
import { restoreFiles } from '../../src/checkpoint/restore-files.ts';
import type {
  Changes,
  ListId,
  Restore,
  Restored,
  RestorePlan,
  RestoreTarget,
  Scope,
  SnapshotId,
} from '../../src/checkpoint/snapshot.ts';
import { SnapshotStore } from '../../src/checkpoint/snapshot-store.ts';
import { takeSnapshot } from '../../src/checkpoint/take-snapshot.ts';
import type { Failure, Result } from '../../src/engine/core/failure.ts';

const BUDGET = { bytes: 5e9, files: 500_000, ms: 60_000 };
const RUN = 'run';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) {
    execFileSync('chmod', ['-R', 'u+rwX', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
});

const value = <T>(result: Result<T, Failure>): T => {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

export class Rope {
  /** What is protected, unless `scope` says otherwise. */
  readonly tree: string;
  readonly store: SnapshotStore;
  readonly runs: FollowRuns;
  readonly lists: ListId[] = [];
  snapshot: SnapshotId = '';
  #restores = 0;

  /** `above`: the folder to make the tree in, when it matters. */
  constructor(above?: string) {
    const folder = mkdtempSync(join(tmpdir(), 'belay-fidelity-'));
    folders.push(folder);
    chmodSync(folder, 0o755);
    this.tree = join(above ?? folder, 'tree');
    mkdirSync(this.tree);
    mkdirSync(join(folder, 'home'));
    this.store = new SnapshotStore(join(folder, 'home', 'checkpoints'));
    this.runs = new FollowRuns(this.store);
  }

  at(path: string): string {
    return join(this.tree, path);
  }

  /** Takes a snapshot and follows the files from it. */
  async take(scope: Partial<Scope> = {}): Promise<void> {
    const request = {
      runId: RUN,
      scope: { roots: [this.tree], exclude: [], base: this.tree, ...scope },
      budget: BUDGET,
      captures: [],
    };
    this.snapshot = value(await takeSnapshot(this.store, request)).id;
    this.lists.length = 0;
    value(await this.runs.follow(RUN, [{ snapshot: this.snapshot, lists: [] }]));
  }

  /** What a step does, and what is seen of it. */
  async step(act: () => void): Promise<Changes> {
    act();
    const changes = value(await this.runs.look(RUN, true));
    if (changes.list !== undefined) this.lists.push(changes.list);
    return changes;
  }

  get target(): RestoreTarget {
    return { snapshot: this.snapshot, lists: [...this.lists], expected: { lists: [...this.lists] } };
  }

  async plan(diffBytesMax = 0): Promise<RestorePlan> {
    return value(await planRestore(this.store, this.target, { diffBytesMax }));
  }

  async restore(more: Partial<Restore> = {}): Promise<Restored> {
    this.#restores += 1;
    return value(
      await restoreFiles(this.store, { ...this.target, operation: `restore-${this.#restores}`, ...more }),
    );
  }

  /** Files that a restore left beside others. */
  leftBehind(folder = this.tree): readonly string[] {
    return readdirSync(folder, { recursive: true, encoding: 'latin1' }).filter((name) =>
      name.includes('.belay-'),
    );
  }
}
