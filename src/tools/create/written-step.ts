/** A step of the model as a definition would say it: only what is not usual anyway. */

import { isArtifactPath } from '../../definition/schema/artifact.ts';
import type {
  CacheSpec,
  CheckpointSpec,
  Foreach,
  Json,
  JsonObject,
  RetryPolicy,
  SnapshotScope,
  Step,
} from '../../engine/core/model.ts';
import { timeText } from '../../engine/core/time-text.ts';
import { isBranch, ownerOf, writtenBranches } from './written-branches.ts';

/** A list in which each step that needs the one before it does not say so. */
export function writtenSteps(list: readonly Step[]): readonly JsonObject[] {
  const steps = list.filter((step) => !isBranch(step));
  const ids = new Set(steps.map(({ id }) => id));
  return steps.map((step, at) => {
    const needs = [...new Set(step.needs.map(ownerOf))].filter((need) => ids.has(need));
    const before = steps[at - 1]?.id;
    const isChained = before === undefined ? needs.length === 0 : needs.length === 1 && needs[0] === before;
    const isRoot = needs.length === 0 && step.needs.length > 0;
    const own = writtenStep(step, isChained || (isRoot && before === undefined) ? undefined : needs);
    return { ...own, ...writtenBranches(step, list, writtenSteps) };
  });
}

function writtenStep(step: Step, needs: readonly string[] | undefined): JsonObject {
  const { id, type, description, config, when, body } = step;
  const isShell = type === 'shell';
  return withoutAbsent({
    id,
    type: isShell || body ? undefined : type,
    description,
    ...config,
    needs,
    when,
    ...loopOf(step.foreach),
    repeat:
      step.repeat &&
      withoutAbsent({ ...step.repeat, delayMs: undefined, delay: delayText(step.repeat.delayMs) }),
    timeout: step.timeoutMs === undefined ? undefined : timeText(step.timeoutMs),
    retry: step.retry && writtenRetry(step.retry),
    on_failure: step.onFailure === 'stop' ? undefined : step.onFailure,
    idempotent: step.idempotent || undefined,
    effects: isShell && step.effects === 'workspace' ? undefined : isShell ? step.effects : undefined,
    destructive: step.destructive,
    tags: body ? undefined : step.tags,
    ...(step.cache && writtenCache(step.cache)),
    checkpoint: type === 'checkpoint' ? undefined : writtenCheckpoint(step.checkpoint),
    env: filled(step.env),
    outputs: writtenOutputs(step),
    ...undoOf(step),
    irreversible: step.irreversible,
    steps: body && writtenSteps(body),
  });
}

const filled = (map: { readonly [name: string]: string }): JsonObject | undefined =>
  Object.keys(map).length > 0 ? map : undefined;

/** A file that is only a path says what it is by itself. */
function writtenOutputs({ outputs, artifacts = {} }: Step): JsonObject | undefined {
  const written = Object.entries(outputs).map(([name, text]) => {
    const { mediaType, tags, pin } = artifacts[name] ?? {};
    const more = withoutAbsent({ media_type: mediaType, tags, pin });
    const isFile = artifacts[name] !== undefined && (Object.keys(more).length > 0 || !isArtifactPath(text));
    return [name, isFile ? { path: text, ...more } : text] as const;
  });
  return written.length > 0 ? Object.fromEntries(written) : undefined;
}

const loopOf = (foreach: Foreach | undefined): JsonObject =>
  foreach
    ? withoutAbsent({
        foreach: foreach.items as Json,
        as: foreach.as === 'item' ? undefined : foreach.as,
        max_parallel: foreach.maxParallel === 1 ? undefined : foreach.maxParallel,
      })
    : {};

function writtenRetry({ attempts, delayMs, backoff, jitter, on }: RetryPolicy): JsonObject {
  return withoutAbsent({
    attempts,
    delay: delayMs === 1_000 ? undefined : timeText(delayMs),
    backoff: backoff === 2 ? undefined : backoff,
    jitter: jitter === 0 ? undefined : jitter,
    on,
  });
}

function writtenCache({ key, scope, files, env, paths, ttlMs, tags }: CacheSpec): JsonObject {
  if (key !== undefined) return { cache_key: key };
  const cache = withoutAbsent({
    scope: scope === 'project' ? undefined : scope,
    files,
    env,
    paths,
    ttl: ttlMs === undefined ? undefined : timeText(ttlMs),
    tags,
  });
  return Object.keys(cache).length === 0 ? { use_cache: true } : { cache };
}

function writtenCheckpoint(checkpoint: CheckpointSpec | false | undefined): Json | undefined {
  if (checkpoint === undefined || checkpoint === false) return checkpoint;
  const { name, capture, restore, ...scope } = checkpoint;
  const spec = withoutAbsent({
    name,
    ...writtenScope(scope),
    capture: capture?.map(({ config }) => config.command as Json),
    restore: restore?.map(({ config }) => config.command as Json),
  });
  return Object.keys(spec).length === 0 ? true : spec;
}

/** What a snapshot covers, and what it may cost. */
export const writtenScope = ({ paths, exclude, bytesMax, filesMax, timeMs }: SnapshotScope): JsonObject =>
  withoutAbsent({
    paths,
    exclude,
    max_bytes: bytesMax,
    max_files: filesMax,
    timeout: timeMs === undefined ? undefined : timeText(timeMs),
  });

/** Undos that a step type brings along itself are not written. */
function undoOf({ undo = [], config }: Step): JsonObject {
  const written = undo.filter((step) => Object.keys(step.config).length > 0);
  if (written.length === 0) return {};
  const texts = written.map((step) => {
    const { command, ...more } = step.config;
    const { id: _id, ...said } = writtenStep(step, undefined);
    const isPlain =
      Object.keys(more).every((key) => more[key] === config[key]) && step.timeoutMs === undefined;
    return isPlain && typeof command === 'string' ? command : said;
  });
  return { undo: texts.length === 1 ? (texts[0] as Json) : texts };
}

const delayText = (ms: number): string | undefined => (ms === 0 ? undefined : timeText(ms));

export function withoutAbsent(map: { readonly [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as JsonObject;
}
