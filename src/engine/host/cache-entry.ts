/** What the cache is given of a step that has ended well. */
import type { EventOf } from '../core/events.ts';
import { CACHE_AGE_MS_MAX } from '../core/limits.ts';
import type { CacheSpec } from '../core/model.ts';
import type { RunState, StepState } from '../core/state.ts';
import type { CachedFile, CachedResult, CacheEntry } from '../core/step-cache.ts';
import type { CacheSubject } from './cache-subject.ts';
import { masked } from './mask.ts';

export interface Kept {
  readonly key: string;
  readonly spec: CacheSpec;
  readonly subject: CacheSubject;
  readonly files: readonly CachedFile[];
  readonly nowMs: number;
}

/** Tags and the written key are shown to people: secrets are masked in them. */
export function cacheEntry(
  { runId, workflow }: RunState,
  { key: from, step, startedAt, finishedAt }: StepState,
  event: EventOf<'step.succeeded'>,
  { key, spec, subject, files, nowMs }: Kept,
): CacheEntry {
  const { place, label, tags } = subject;
  return {
    key,
    scope: spec.scope,
    place,
    workflow: workflow.name,
    step: step.id,
    ...masked(workflow, { tags, ...(label !== undefined && { label }) }),
    result: resultOf(event),
    files,
    from: { run: runId, step: from },
    ...(startedAt !== undefined && finishedAt !== undefined && { tookMs: finishedAt - startedAt }),
    ttlMs: spec.ttlMs ?? CACHE_AGE_MS_MAX,
    nowMs,
  };
}

function resultOf({ outputs, exit_code, stdout, stderr }: EventOf<'step.succeeded'>): CachedResult {
  return {
    ...(outputs && { outputs }),
    ...(exit_code !== undefined && { exit_code }),
    ...(stdout !== undefined && { stdout }),
    ...(stderr !== undefined && { stderr }),
  };
}
