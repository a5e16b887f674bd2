/**
 * Takes a snapshot: lists the scope, reads what is new or changed into the store, and publishes the manifest.
 * 1. Either the snapshot is there, whole and on the disk, or there is none.
 * 2. What it does not hold of its scope, and what it holds of no one moment, is listed with the reason.
 */
import { rmSync } from 'node:fs';
import { assert, err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import { KeepContents } from './keep-contents.ts';
import { Manifest, manifestPath, writeManifest } from './manifest.ts';
import { nothingLeft, overBudget, tooMuchNew } from './messages.ts';
import { ObjectWriter } from './object-writer.ts';
import { pathText, rawBytes } from './path-text.ts';
import { readContent } from './read-content.ts';
import { type Missed, type Scan, scanTree } from './scan.ts';
import { OMITTED_SHOWN_MAX, type Snapshot, type TakeSnapshot } from './snapshot.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { indexAttempt, indexedTree, indexSnapshot } from './stat-index.ts';
import { newName } from './store-folder.ts';
import type { Tree } from './tree.ts';
import { attributesMissing, readAttributes } from './xattrs.ts';

/** The captures of the request are moved into the store. */
export function takeSnapshot(
  store: SnapshotStore,
  request: TakeSnapshot,
): Promise<Result<Snapshot, Failure>> {
  return store.shared(async () => {
    const writer = new ObjectWriter(store.folder, store.objects);
    try {
      return await new Taking(store, request, writer).run();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  });
}

class Taking {
  readonly #store: SnapshotStore;
  readonly #request: TakeSnapshot;
  readonly #writer: ObjectWriter;
  readonly #startedMs = performance.now();
  readonly #notes: string[] = [];

  constructor(store: SnapshotStore, request: TakeSnapshot, writer: ObjectWriter) {
    this.#store = store;
    this.#request = request;
    this.#writer = writer;
  }

  async run(): Promise<Result<Snapshot, Failure>> {
    const { scope, budget } = this.#request;
    const scan = this.#scan();
    if (scan.over) return err(overBudget(budget.ms, scan.tree.rows));
    if (scan.excluded > 0 && isBare(scan)) return err(nothingLeft(scope));
    const newBytes = unreadBytes(scan.tree);
    if (newBytes > (budget.newBytes ?? newBytes)) return err(tooMuchNew(newBytes, budget.newBytes ?? 0));
    this.#keepAttributes(scan);
    const contents = new KeepContents(scan.tree, this.#store.objects, this.#writer, budget.bytes);
    const isWhole = contents.run(this.#isOver);
    const captures = isWhole ? this.#keepCaptures() : [];
    await this.#writer.finish();
    const manifest = this.#manifest(contents, [...scan.missed, ...contents.missed], captures);
    if (!isWhole) {
      indexAttempt(this.#store.folder, manifest);
      return err(overBudget(budget.ms, contents.read));
    }
    writeManifest(this.#store.folder, manifestPath(this.#store.folder, manifest.info.id), manifest);
    indexSnapshot(this.#store.folder, manifest);
    for (const path of this.#request.captures) rmSync(path, { force: true });
    return ok(this.#answer(manifest));
  }

  readonly #isOver = (): boolean => performance.now() - this.#startedMs >= this.#request.budget.ms;

  #scan(): Scan {
    const { scope, budget } = this.#request;
    return scanTree(scope, {
      skip: this.#store.skip,
      previous: indexedTree(this.#store.folder, scope),
      reopen: true,
      filesMax: budget.files,
      isOver: this.#isOver,
    });
  }

  #keepAttributes({ tree, fresh }: Scan): void {
    const why = attributesMissing('getfattr');
    if (why !== undefined) {
      this.#notes.push(why);
      return;
    }
    const rows = new Map(fresh.map((row) => [tree.path(row), row]));
    for (const [path, attributes] of readAttributes([...rows.keys()]))
      tree.xattrs.set(rows.get(path) as number, attributes);
  }

  #keepCaptures(): readonly string[] {
    return this.#request.captures.map((path) => {
      const read = readContent(rawBytes(path), this.#writer);
      assert(read, `capture \`${path}\` is no file`);
      return read.hash.toString('hex');
    });
  }

  #manifest(contents: KeepContents, missed: readonly Missed[], captures: readonly string[]): Manifest {
    const { runId, scope } = this.#request;
    const tree = contents.tree;
    const info = {
      id: newName(),
      runId,
      takenAt: tree.scannedAtMs,
      files: tree.rows,
      bytes: contents.bytes,
      scope,
    };
    return new Manifest({ info, notes: this.#notes, captures }, tree, missed);
  }

  #answer({ info, missed, notes }: Manifest): Snapshot {
    const shown = missed.slice(0, OMITTED_SHOWN_MAX);
    return {
      id: info.id,
      files: info.files,
      bytes: info.bytes,
      addedBytes: this.#writer.addedBytes,
      durationMs: performance.now() - this.#startedMs,
      omitted: shown.map(({ path, reason }) => ({ path: pathText(path), reason })),
      omittedCount: missed.length,
      notes,
    };
  }
}

/** What the content of files that nobody has read yet comes to. */
function unreadBytes(tree: Tree): number {
  let bytes = 0;
  for (let row = 0; row < tree.rows; row += 1)
    if (tree.type(row) === 'file' && !tree.isHashed(row)) bytes += tree.size(row);
  return bytes;
}

/** Whether the tree has nothing but the folders it starts from. */
function isBare({ tree }: Scan): boolean {
  if (tree.rows > tree.roots) return false;
  for (let root = 0; root < tree.roots; root += 1) if (tree.type(root) !== 'directory') return false;
  return true;
}
