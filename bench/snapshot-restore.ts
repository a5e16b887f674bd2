/**
 * Bringing back 20 changed files of 50,000: a restore against git with a shadow repository. What leads there (the change,
 * the look that records it) is not part of the time; the verification of what was restored is.
 */
import { join } from 'node:path';
import { openSnapshots } from '../src/checkpoint/open-snapshots.ts';
import type { Snapshots } from '../src/checkpoint/snapshot.ts';
import type { Failure, Result } from '../src/engine/core/failure.ts';
import { type Measure, median, timed } from './measure.ts';
import { gitIn, inScratch } from './snapshot.ts';
import { SyntheticTree } from './synthetic-tree.ts';

const FILES = 50_000;
const BYTES = 1_000_000_000;
const CHANGED = 20;
const ROUNDS = 7;
const RUN = 'bench';

function value<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** Takes a snapshot, lets `tree` change, and gives what brings it back. */
async function changed(snapshots: Snapshots, tree: SyntheticTree): Promise<() => Promise<void>> {
  const scope = { roots: [tree.path], exclude: [], base: tree.path };
  const budget = { bytes: 5e9, files: 500_000, ms: 600_000 };
  const { id } = value(await snapshots.take({ runId: RUN, scope, budget, captures: [] }));
  value(await snapshots.follow(RUN, [{ snapshot: id, lists: [] }]));
  tree.change(CHANGED);
  const { list, ...seen } = value(await snapshots.look(RUN, true));
  if (list === undefined || seen.changed !== CHANGED) throw new Error(`saw ${JSON.stringify(seen)}`);
  const lists = [list];
  return async () => {
    const restored = value(
      await snapshots.restore({ snapshot: id, lists, expected: { lists }, operation: RUN }),
    );
    if (restored.result !== 'complete' || restored.changed !== CHANGED)
      throw new Error(JSON.stringify(restored));
  };
}

export const snapshotRestore: Measure = {
  name: 'snapshot-restore',
  aim: '<= 2',
  run: () =>
    inScratch(async (folder) => {
      const tree = new SyntheticTree(join(folder, 'tree'), FILES, BYTES);
      const git = gitIn(folder, tree.path);
      const snapshots = openSnapshots(join(folder, 'data', 'checkpoints'));
      git('init', '-q');
      git('add', '-A');
      const pairs: (readonly [oursMs: number, gitMs: number])[] = [];
      // The first round warms both up.
      for (let round = 0; round <= ROUNDS; round += 1) {
        const oursMs = await timed(await changed(snapshots, tree));
        git('update-index', '-q', '--refresh');
        tree.change(CHANGED);
        const gitMs = await timed(() => git('checkout-index', '-f', '-a', '-q'));
        if (round > 0) pairs.push([oursMs, gitMs]);
      }
      await snapshots.close();
      const [oursMs, gitMs] = [median(pairs.map(([ms]) => ms)), median(pairs.map(([, ms]) => ms))];
      const ratio = median(pairs.map(([ours, theirs]) => ours / theirs));
      return { ratio, detail: `${oursMs.toFixed(0)} ms, git checkout-index ${gitMs.toFixed(0)} ms` };
    }),
};
