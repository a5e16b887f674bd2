/** What the cache is given of a step that has ended well. */
import type { EventOf } from '../core/events.ts';
import { CACHE_AGE_MS_MAX } from '../core/limits.ts';
import type { CacheSpec } from '../core/model.ts';
import type { RunState, StepState } from '../core/state.ts';
import type { CachedFile, CachedResult, CacheEntry } from '../core/step-cache.ts';
import type { Making } from './cache-leases.ts';
import type { CacheSubject } from './cache-subject.ts';
import { masked } from './mask.ts';

/** What is to be kept beside the result of a step that has ended. */
export interface Ending {
  readonly subject: CacheSubject;
  readonly files: readonly CachedFile[];
}

/** A step without a process or a call ends as it begins: nothing has changed in between. */
export function endedAtOnce(step: StepState, { subject }: Making): Ending | undefined {
  const isInline = !step.process && !step.call && !step.innerRun;
  const hasFiles = step.step.cache?.paths || step.step.artifacts;
  return isInline && subject && !hasFiles ? { subject, files: [] } : undefined;
}

interface Kept extends Ending {
  readonly key: string;
  readonly spec: CacheSpec;
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
