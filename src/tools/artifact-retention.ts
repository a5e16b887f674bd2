/**
 * Removing artifacts that are too old, too many or too large: first a run lets go of its artifact, then the bytes go that
 * nothing refers to. Both are safe beside hosts of other processes that store at the same time.
 * 1. What is pinned stays, and what belongs to a run that has not finished, or is stuck.
 */
import type { Retention } from '../checkpoint/snapshot.ts';
import type { RunStatus } from '../engine/core/events.ts';
import { ARTIFACT_AGE_MS_MAX, ARTIFACT_STORE_BYTES_MAX, ARTIFACTS_MAX } from '../engine/core/limits.ts';
import type { ArtifactStore, CollectedObjects } from '../engine/core/ports.ts';
import type { ArtifactIndex, ArtifactRecord } from '../store/artifact-index.ts';
import { artifactFolder } from '../store/artifacts/artifact-folder.ts';
import { collectGiven } from '../store/artifacts/given-files.ts';

export const ARTIFACT_RETENTION: Retention = {
  ageMs: ARTIFACT_AGE_MS_MAX,
  count: ARTIFACTS_MAX,
  bytes: ARTIFACT_STORE_BYTES_MAX,
};

const LIVE: readonly RunStatus[] = ['queued', 'running', 'waiting', 'paused', 'rolling_back', 'stuck'];

export interface ArtifactKeeper {
  readonly home: string;
  readonly journal: { readonly artifacts: ArtifactIndex };
  readonly artifacts: ArtifactStore;
  readonly now: () => number;
}

export interface CollectedArtifacts extends CollectedObjects {
  /** That their runs have let go of. */
  readonly artifacts: number;
}

export async function collectArtifacts(
  keeper: ArtifactKeeper,
  retention: Retention,
  dryRun: boolean,
): Promise<CollectedArtifacts> {
  const nowMs = keeper.now();
  const index = keeper.journal.artifacts;
  const { stay, leave } = divided(index.all(), retention, nowMs);
  if (!dryRun) index.drop(leave);
  const kept = new Set(stay.map(({ sha256 }) => sha256));
  const isNeeded = dryRun
    ? (sha256: string) => kept.has(sha256)
    : (sha256: string) => index.isReferred(sha256);
  const collected = await keeper.artifacts.collect({ isNeeded, nowMs, dryRun });
  if (!dryRun)
    collectGiven(artifactFolder(keeper.home), (sha256) => index.isReferred(sha256, 'given'), nowMs);
  return { artifacts: leave.filter(({ kind }) => kind === 'made').length, ...collected };
}

/** @param records newest first */
function divided(records: readonly ArtifactRecord[], retention: Retention, nowMs: number) {
  const isSafe = ({ pinned, status }: ArtifactRecord) => pinned || LIVE.includes(status);
  const seen = new Set<string>();
  let bytes = 0;
  const claim = ({ sha256, size }: ArtifactRecord): void => {
    if (!seen.has(sha256)) bytes += size;
    seen.add(sha256);
  };
  const stay = records.filter(isSafe);
  for (const record of stay) claim(record);
  const leave: ArtifactRecord[] = [];
  let isFull = false;
  for (const record of records) {
    if (isSafe(record)) continue;
    const more = seen.has(record.sha256) ? 0 : record.size;
    const isOld = nowMs - record.at > retention.ageMs;
    // what is older than one that found no room goes as well
    isFull ||= isOld || stay.length >= retention.count || bytes + more > retention.bytes;
    if (isFull) {
      leave.push(record);
      continue;
    }
    claim(record);
    stay.push(record);
  }
  return { stay, leave };
}
