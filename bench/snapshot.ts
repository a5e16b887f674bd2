/**
 * Snapshots against git with a shadow repository: a bare one beside the tree, with the tree as its work tree.
 * 50,000 files and 1 GB for time; 500,000 small files for memory, in a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSnapshots } from '../src/checkpoint/open-snapshots.ts';
import type { Snapshots } from '../src/checkpoint/snapshot.ts';
import type { Measure } from './measure.ts';
import { paired, timed } from './measure.ts';
import { SyntheticTree } from './synthetic-tree.ts';

const FILES = 50_000;
const BYTES = 1_000_000_000;
const CHANGED = 20;
const ROUNDS = 7;
const SMALL_FILES = 500_000;
const SMALL_BYTES = 100_000_000;
const MEMORY_BYTES_MAX = 600e6;
const MEMORY_PROGRAM = join(import.meta.dirname, 'snapshot-memory.ts');

/** Acts in a scratch folder that is removed afterwards. */
export async function inScratch<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function take(snapshots: Snapshots, tree: string): Promise<void> {
  const taken = await snapshots.take({
    runId: 'bench',
    scope: { roots: [tree], exclude: [], base: tree },
    budget: { bytes: 5e9, files: 500_000, ms: 600_000 },
    captures: [],
  });
  if (!taken.ok) throw new Error(taken.error.message);
}

/** git, with its repository in `folder` and nothing of it in the tree. */
export function gitIn(folder: string, tree: string): (...args: readonly string[]) => void {
  const repository = ['--git-dir', join(folder, 'shadow'), '--work-tree', tree];
  return (...args) => {
    const { status, stderr } = spawnSync('git', [...repository, ...args], { maxBuffer: 1e9 });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  };
}

export const snapshotFirst: Measure = {
  name: 'snapshot-first',
  aim: '<= 0.5',
  run: () =>
    inScratch(async (folder) => {
      const { path } = new SyntheticTree(join(folder, 'tree'), FILES, BYTES);
      const git = gitIn(folder, path);
      const snapshots = openSnapshots(join(folder, 'data', 'checkpoints'));
      git('init', '-q');
      const oursMs = await timed(() => take(snapshots, path));
      const baselineMs = await timed(() => git('add', '-A'));
      await snapshots.close();
      const detail = `${(oursMs / 1000).toFixed(1)} s, git add -A ${(baselineMs / 1000).toFixed(1)} s`;
      return { ratio: oursMs / baselineMs, detail };
    }),
};

export const snapshotIncremental: Measure = {
  name: 'snapshot-incremental',
  aim: '<= 2',
  run: () =>
    inScratch(async (folder) => {
      const tree = new SyntheticTree(join(folder, 'tree'), FILES, BYTES);
      const git = gitIn(folder, tree.path);
      const snapshots = openSnapshots(join(folder, 'data', 'checkpoints'));
      git('init', '-q');
      git('add', '-A');
      await take(snapshots, tree.path);
      const { ratio, oursMs, baselineMs } = await paired(
        ROUNDS,
        () => {
          tree.change(CHANGED);
          return take(snapshots, tree.path);
        },
        () => {
          git('status', '--porcelain');
          git('write-tree');
        },
      );
      await snapshots.close();
      const detail = `${oursMs.toFixed(0)} ms, git status and write-tree ${baselineMs.toFixed(0)} ms`;
      return { ratio, detail };
    }),
};

export const snapshotMemory: Measure = {
  name: 'snapshot-memory',
  aim: '<= 1',
  run: () =>
    inScratch(async (folder) => {
      const { path } = new SyntheticTree(join(folder, 'tree'), SMALL_FILES, SMALL_BYTES);
      const args = [MEMORY_PROGRAM, path, join(folder, 'data', 'checkpoints')];
      const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      const { bytes, firstMs, againMs } = JSON.parse(stdout) as Record<string, number>;
      const times = [firstMs, againMs]
        .map((ms) => `${((ms as number) / 1000).toFixed(1)} s`)
        .join(', again ');
      const detail = `${((bytes as number) / 1e6).toFixed(0)} MB at most for ${SMALL_FILES} files; first ${times}`;
      return { ratio: (bytes as number) / MEMORY_BYTES_MAX, detail };
    }),
};
