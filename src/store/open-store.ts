/**
 * Opens the data folder and puts the store together: `belay.db` (journal and projections), `blobs/`, and `runs/`,
 * which the host fills with step logs.
 * 1. A folder that cannot be used gives a `StoreProblem` and stays as it was.
 * 2. Any number of processes may open the same folder at once, a fresh one too.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JournalEvent } from '../engine/core/events.ts';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { Corruption, HostIdentity, Journal, ProjectionChange } from '../engine/core/ports.ts';
import { type ArtifactIndex, artifactIndex } from './artifact-index.ts';
import { getBlob, putBlob } from './blobs.ts';
import { CommitWatch } from './commit-watch.ts';
import { listGroupMembers } from './concurrency-groups.ts';
import { Database } from './database.ts';
import { makeDatabaseFile, migrate } from './database-file.ts';
import { type EventPage, readEventPage, readEvents } from './event-reader.ts';
import { append, create } from './event-writer.ts';
import { type Feed, feed } from './feed.ts';
import { Leases } from './lease.ts';
import { isDead } from './liveness.ts';
import { noDatabase, problemOf, type StoreProblem } from './problem.ts';
import { checkIntegrity, type Integrity, type Rebuilt, rebuildProjections } from './repair.ts';
import { findRun, listInnerRuns, listRunIds, listRuns, listStepRows } from './run-index.ts';
import { MIGRATIONS } from './schema.ts';
import { type DeliveryList, deliveryList } from './webhooks/delivery-list.ts';
import { type WebhookList, webhookList } from './webhooks/webhook-list.ts';

const DATABASE_NAME = 'belay.db';

export interface StoreOptions {
  /** For `doctor` on a full disk or a damaged file: nothing is made, migrated or written. */
  readonly readOnly?: boolean;
  /** True only when that process is certainly gone; the kernel is asked unless a test knows better. */
  readonly isDead?: (identity: HostIdentity) => boolean;
}

/** The journal on SQLite. Methods without a place for it in their answer throw `StorageError`. */
export interface Store extends Journal {
  readonly artifacts: ArtifactIndex;
  /** Events of all runs, in the order in which they were committed. */
  readonly feed: Feed;
  readonly webhooks: WebhookList;
  readonly deliveries: DeliveryList;
  /** As `read`, but a page of bounded size. */
  readPage(runId: string, afterSeq: number): Result<EventPage, Corruption>;
  integrity(): Integrity;
  /** Makes the projections of every run anew; `fold` projects all events of one run. */
  rebuild(fold: (events: readonly JournalEvent[]) => ProjectionChange): Rebuilt;
}

export function openStore(home: string, options: StoreOptions = {}): Result<Store, StoreProblem> {
  const readOnly = options.readOnly === true;
  try {
    const path = join(home, DATABASE_NAME);
    if (readOnly && !existsSync(path)) return err(noDatabase(home));
    if (!readOnly) makeDatabaseFile(home, path);
    const db = readOnly ? openReadOnly(home, path) : new Database(home, path, false);
    try {
      migrate(db, home, MIGRATIONS, readOnly);
    } catch (error) {
      db.close();
      throw error;
    }
    return ok(assemble(db, home, options.isDead ?? isDead));
  } catch (error) {
    const problem = problemOf(error, home);
    if (problem === undefined) throw error;
    return err(problem);
  }
}

/**
 * On a full disk SQLite finds no room for its index file. After a clean stop it needs none: everything is in the
 * database, which nobody can write to now. After a crash the index file is still there.
 */
function openReadOnly(home: string, path: string): Database {
  try {
    return new Database(home, path, true);
  } catch (error) {
    const logBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (problemOf(error, home)?.code !== 'disk_full' || logBytes > 0) throw error;
    const still = pathToFileURL(path);
    still.searchParams.set('immutable', '1');
    return new Database(home, still, true);
  }
}

function assemble(db: Database, home: string, dead: (identity: HostIdentity) => boolean): Store {
  const leases = new Leases(db, dead);
  const commits = new CommitWatch(db, home, `${DATABASE_NAME}-wal`);
  return {
    create: (runId, event, by, change) => create(db, runId, event, by, change),
    append: (batches) => append(db, batches),
    read: (runId, afterSeq = 0) => readEvents(db, runId, afterSeq),
    run: (runId) => findRun(db, runId),
    runs: (query) => listRuns(db, query),
    runIds: (prefix, limit) => listRunIds(db, prefix, limit),
    stepRows: (runId, limit) => listStepRows(db, runId, limit),
    groupMembers: (runId) => listGroupMembers(db, runId),
    innerRuns: (attempt) => listInnerRuns(db, attempt),
    renew: (identity, nowMs) => leases.renew(identity, nowMs),
    release: (host) => leases.release(host),
    releaseRun: (runId, host) => leases.releaseRun(runId, host),
    claim: (runId, host, nowMs) => leases.claim(runId, host, nowMs),
    claimable: (nowMs, limit) => leases.claimable(nowMs, limit),
    putBlob: (bytes) => putBlob(home, bytes),
    getBlob: (sha256) => getBlob(home, sha256),
    watch: (call) => commits.add(call),
    artifacts: artifactIndex(db),
    feed: feed(db),
    webhooks: webhookList(db, home),
    deliveries: deliveryList(db),
    readPage: (runId, afterSeq) => readEventPage(db, runId, afterSeq),
    integrity: () => checkIntegrity(db),
    rebuild: (fold) => rebuildProjections(db, fold),
    close: () => {
      commits.stop();
      db.close();
    },
  };
}
