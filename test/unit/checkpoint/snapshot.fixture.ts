/** Scratch folders with a tree to protect and a store beside it, and the calls that tests make on them. */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Manifest, readManifest } from '../../../src/checkpoint/manifest.ts';
import type { Budget, Scope, Snapshot, TakeSnapshot } from '../../../src/checkpoint/snapshot.ts';
import { SnapshotStore } from '../../../src/checkpoint/snapshot-store.ts';
import { takeSnapshot } from '../../../src/checkpoint/take-snapshot.ts';
import type { Failure, Result } from '../../../src/engine/core/failure.ts';

export const BUDGET: Budget = { bytes: 5e9, files: 500_000, ms: 60_000 };

/** A folder that is gone after the test. */
export function scratch(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'belay-checkpoint-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Bench {
  /** The tree to protect. */
  readonly tree: string;
  readonly folder: string;
  readonly store: SnapshotStore;
}

/** A tree with these files (a name that ends in `/` is a folder), and a store beside it. */
export function bench(files: Readonly<Record<string, string | Buffer>> = {}): Bench {
  const home = scratch();
  const tree = join(home, 'tree');
  mkdirSync(tree);
  write(tree, files);
  const folder = join(home, 'data', 'checkpoints');
  const store = new SnapshotStore(folder);
  onTestFinished(() => store.close());
  return { tree, folder, store };
}

export function write(tree: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(tree, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(path, content);
  }
}

export const scopeOf = (tree: string, ...exclude: string[]): Scope => ({
  roots: [tree],
  exclude,
  base: tree,
});

export const take = (
  { store, tree }: Bench,
  request: Partial<TakeSnapshot> = {},
): Promise<Result<Snapshot, Failure>> =>
  takeSnapshot(store, { runId: 'r1', scope: scopeOf(tree), budget: BUDGET, captures: [], ...request });

/** The snapshot and its manifest; anything else is a failed test. */
export async function taken(
  bench: Bench,
  request: Partial<TakeSnapshot> = {},
): Promise<{ readonly snapshot: Snapshot; readonly manifest: Manifest }> {
  const snapshot = unwrap(await take(bench, request));
  return { snapshot, manifest: unwrap(readManifest(bench.folder, snapshot.id)) };
}

export function unwrap<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

export const failureOf = <T>(result: Result<T, Failure>): Failure | undefined =>
  result.ok ? undefined : result.error;

/** What the store has of a file, as text. */
export function contentOf({ store }: Bench, manifest: Manifest, path: string): string {
  store.objects.refresh();
  return unwrap(store.objects.read(manifest.entry(path)?.hash ?? '')).toString();
}

/** Names in each folder of a store that has any. */
export const filesOf = (folder: string): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    ['packs', 'large', 'snapshots', 'lists', 'index', 'tmp'].map((name) => [
      name,
      readdirSync(join(folder, name)),
    ]),
  );
