/** From the keys about caching on a step, and those of its workflow, to the model. */
import type { CacheSpec } from '../engine/core/model.ts';
import type { StepDraft } from './draft.ts';
import type { WorkflowFields } from './schema/workflow.ts';

/** The step asks for its result to be kept. */
export function wantsCache({ fields }: Pick<StepDraft, 'fields'>): boolean {
  const { use_cache: use, cache_key: key, cache } = fields;
  return use ?? (key !== undefined || cache !== undefined);
}

/** What the step says goes before what the workflow says; variables and tags count together. */
export function cacheSpec(
  { fields }: Pick<StepDraft, 'fields'>,
  workflow: Pick<Partial<WorkflowFields>, 'cache' | 'cache_version'>,
): CacheSpec | undefined {
  if (!wantsCache({ fields })) return undefined;
  const own = fields.cache ?? {};
  const common = workflow.cache ?? {};
  const ttlMs = own.ttl ?? common.ttl;
  const versions = [workflow.cache_version, fields.cache_version];
  const env = union(common.env, own.env);
  const tags = union(common.tags, own.tags);
  return {
    ...(fields.cache_key !== undefined && { key: fields.cache_key }),
    scope: own.scope ?? common.scope ?? 'project',
    ...(own.scope !== undefined && fields.cache_key !== undefined && { isShared: true as const }),
    ...(own.files?.length && { files: own.files }),
    ...(env.length > 0 && { env }),
    ...(own.paths?.length && { paths: own.paths }),
    ...(ttlMs !== undefined && { ttlMs }),
    ...(tags.length > 0 && { tags }),
    ...(versions.some((each) => each !== undefined) && { version: JSON.stringify(versions) }),
  };
}

const union = (first: readonly string[] = [], second: readonly string[] = []): readonly string[] => [
  ...new Set([...first, ...second]),
];
