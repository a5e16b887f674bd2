/**
 * Removing snapshots that no run can need any more, and artifacts: on request, and once a day by whichever process
 * drives runs and has nothing else to do.
 * 1. Snapshots of a run that has not finished, or is stuck, stay whatever their age.
 * 2. The mark is set before the work: of many processes one does it, and one that dies at it leaves it for tomorrow.
 */
import { closeSync, existsSync, futimesSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Collected, Retention, Snapshots } from '../checkpoint/snapshot.ts';
import type { RunStatus } from '../engine/core/events.ts';
import type { Failure, Result } from '../engine/core/failure.ts';
import { SNAPSHOT_AGE_MS_MAX, SNAPSHOT_STORE_BYTES_MAX, SNAPSHOTS_MAX } from '../engine/core/limits.ts';
import type { Journal } from '../engine/core/ports.ts';
import { log } from '../engine/host/log.ts';
import { artifactFolder } from '../store/artifacts/artifact-folder.ts';
import { cacheFolder, type ResultCache } from '../store/cache/open-cache.ts';
import { ARTIFACT_RETENTION, type ArtifactKeeper, collectArtifacts } from './artifact-retention.ts';

const DAY_MS = 86_400_000;
/** How often an idle process looks whether it is time; also how long it lets a new one settle first. */
const LOOK_MS = 60_000;
const PAGE = 200;
/** Its time of change says when it was done last. */
const MARK = 'collected';
const LIVE: readonly RunStatus[] = ['queued', 'running', 'waiting', 'paused', 'rolling_back', 'stuck'];

export const RETENTION: Retention = {
  ageMs: SNAPSHOT_AGE_MS_MAX,
  count: SNAPSHOTS_MAX,
  bytes: SNAPSHOT_STORE_BYTES_MAX,
};

export interface Keeper extends ArtifactKeeper {
  readonly journal: Pick<Journal, 'runs'> & ArtifactKeeper['journal'];
  readonly snapshots: Snapshots;
  readonly cache: Pick<ResultCache, 'collect'>;
  /** Something else is to be done. */
  readonly isBusy: () => boolean;
}

export const snapshotFolder = (home: string): string => join(home, 'checkpoints');

export function collectSnapshots(
  {
    journal,
    snapshots,
    now,
  }: Pick<Keeper, 'snapshots' | 'now'> & { readonly journal: Pick<Journal, 'runs'> },
  retention: Retention,
  dryRun: boolean,
): Promise<Result<Collected, Failure>> {
  // the time goes first: a snapshot that is newer may be of a run that the list does not have yet
  const at = now();
  return snapshots.collect({ liveRuns: liveRuns(journal), retention, now: at, dryRun });
}

function liveRuns(journal: Pick<Journal, 'runs'>): readonly string[] {
  return LIVE.flatMap((status) => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = journal.runs({ status, limit: PAGE, ...(cursor !== undefined && { cursor }) });
      ids.push(...page.runs.map(({ runId }) => runId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return ids;
  });
}

/** Looks from time to time; the returned function ends that. Keeps no process alive. */
export function keepRetention(keeper: Keeper): () => void {
  const timer = setInterval(() => void retainIfDue(keeper), LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Does nothing where it was done within a day, where there is something else to do, or nothing to look through. */
export async function retainIfDue(keeper: Keeper): Promise<void> {
  const [snapshots, artifacts] = [snapshotFolder(keeper.home), artifactFolder(keeper.home)];
  if (keeper.isBusy()) return;
  try {
    if (isDue(snapshots, keeper) && mark(snapshots, keeper)) {
      const collected = await collectSnapshots(keeper, RETENTION, false);
      if (!collected.ok) log.warn({ failure: collected.error }, 'old snapshots could not be removed');
    }
    if (isDue(artifacts, keeper) && mark(artifacts, keeper))
      await collectArtifacts(keeper, ARTIFACT_RETENTION, false);
    const results = cacheFolder(keeper.home);
    if (isDue(results, keeper) && mark(results, keeper)) keeper.cache.collect(keeper.now());
  } catch (err) {
    // the process is closing, or its storage has failed: tomorrow is another day
    log.info({ err }, 'removing old snapshots and artifacts was cut short');
  }
}

/** A process that only drives one run has no time for it: it leaves the work to a background host. */
export function isRetentionDue(keeper: Pick<Keeper, 'home' | 'now'>): boolean {
  const folders = [snapshotFolder(keeper.home), artifactFolder(keeper.home), cacheFolder(keeper.home)];
  return folders.some((folder) => isDue(folder, keeper));
}

function isDue(folder: string, keeper: Pick<Keeper, 'now'>): boolean {
  if (!existsSync(folder)) return false;
  const markedAt = statSync(join(folder, MARK), { throwIfNoEntry: false })?.mtimeMs;
  if (markedAt !== undefined) return keeper.now() - markedAt >= DAY_MS;
  // a store without a mark is new: nothing in it is old
  mark(folder, keeper);
  return false;
}

/** False where it cannot be set: a data folder that cannot be written to has other troubles. */
function mark(folder: string, { now }: Pick<Keeper, 'now'>): boolean {
  try {
    const file = openSync(join(folder, MARK), 'a', 0o600);
    futimesSync(file, now() / 1_000, now() / 1_000);
    closeSync(file);
    return true;
  } catch {
    return false;
  }
}
