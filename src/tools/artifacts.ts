/**
 * The artifacts of one data folder as tools see them: found by run and name, read, placed as inputs of runs. Owns the
 * words about what is not there; what is listed comes from the index of the journal, the bytes from the store.
 */
import { basename, resolve } from 'node:path';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { ArtifactStore } from '../engine/core/ports.ts';
import { loadRun } from '../engine/host/load-run.ts';
import type { ArtifactRecord } from '../store/artifact-index.ts';
import type { Store } from '../store/open-store.ts';
import { artifactUri } from './artifact-uri.ts';
import { nearestText } from './nearest-text.ts';

const NAMES_MAX = 200;

/** Why there is no such artifact; fits an error of a tool. */
export interface ArtifactProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** One artifact in an answer. */
export function artifactView(record: ArtifactRecord): JsonObject {
  const { runId, workflow, name, step, size, sha256, mediaType, path, tags, pinned, at } = record;
  return {
    run_id: runId,
    workflow,
    name,
    ...(step !== undefined && { step }),
    uri: artifactUri(runId, name),
    size,
    sha256,
    media_type: mediaType,
    path,
    ...(tags.length > 0 && { tags }),
    pinned,
    at: new Date(at).toISOString(),
  };
}

/** What a copy of it is called in a folder; a folder's one says that it is an archive. */
export function artifactFileName({
  path,
  name,
  mediaType,
}: Pick<ArtifactRecord, 'path' | 'name' | 'mediaType'>) {
  const last = basename(resolve('/', path)) || name;
  return mediaType === 'application/x-tar' && !last.endsWith('.tar') ? `${last}.tar` : last;
}

/** The artifact, or why there is none of that name. */
export function findArtifact(
  { journal }: { readonly journal: Store },
  runId: string,
  name: string,
): Result<ArtifactRecord, ArtifactProblem> {
  const found = journal.artifacts.find(runId, name);
  if (found) return ok(found);
  const run = loadRun(journal, runId);
  if (!run.ok)
    return err({
      code: run.error.code,
      message: run.error.message,
      hint: 'workflow_history lists the runs of this data directory',
    });
  if (run.value.artifacts.has(name)) return err(removed(runId, name));
  const names = journal.artifacts.list({ runId, limit: NAMES_MAX }).map((each) => each.name);
  return err({
    code: 'unknown_artifact',
    message: `run \`${runId}\` has no artifact \`${name}\`; ${nearestText(name, names)}`,
    hint: `\`belay artifacts ${runId}\` lists those it has`,
  });
}

export const removed = (runId: string, name: string): ArtifactProblem => ({
  code: 'artifact_removed',
  message: `artifact \`${name}\` of run \`${runId}\` is no longer stored`,
  hint: 'run the workflow again; `belay artifacts pin` keeps an artifact from being removed',
});

/** Its bytes, verified as they are read: what is damaged ends with an error. */
export async function readArtifact(
  store: ArtifactStore,
  { runId, name, sha256 }: ArtifactRecord,
): Promise<Result<AsyncIterable<Uint8Array>, ArtifactProblem>> {
  const bytes = await store.read(sha256);
  return bytes ? ok(bytes) : err(removed(runId, name));
}
