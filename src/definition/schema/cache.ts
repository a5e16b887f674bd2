/**
 * What a definition says about keeping results: on a step, and for all steps of the workflow.
 * Checks shapes only; where results must not be kept is in `check/check-cache.ts`.
 */
import * as z from 'zod';
import { CACHE_TAG_CHARS_MAX, CACHE_TAGS_MAX } from '../../engine/core/limits.ts';
import { CACHE_SCOPES } from '../../engine/core/model.ts';
import { timeout } from './values.ts';

const VARIABLE = /^[A-Za-z_]\w*$/;

const common = {
  scope: z
    .enum(CACHE_SCOPES)
    .optional()
    .describe('Who may be given a result: the same run, the project (unless said), or all runs of the user'),
  env: z
    .array(z.string().regex(VARIABLE, 'expected the name of an environment variable'))
    .optional()
    .describe('Variables that results depend on'),
  ttl: timeout.optional().describe('How long results are kept; 30 days unless said'),
  tags: z
    .array(z.string().trim().min(1).max(CACHE_TAG_CHARS_MAX))
    .max(CACHE_TAGS_MAX)
    .optional()
    .describe('Names to remove results by; templates'),
};

/** For all steps of a workflow that ask for it. */
export const workflowCache = z.strictObject(common);

const stepCache = z.strictObject({
  ...common,
  files: z
    .array(z.string().min(1))
    .optional()
    .describe('Files that the result depends on, as in hash_files; templates'),
  paths: z
    .array(z.string().min(1))
    .optional()
    .describe('Files and folders that the step makes and a hit brings back, in the directory of the run'),
});

/** Text or number; another one makes all earlier results count no more. */
export const cacheVersion = z
  .union([z.string(), z.number()], { error: 'expected text or a number' })
  .transform(String);

/** Of a step. */
export const cacheKeys = {
  use_cache: z
    .boolean()
    .optional()
    .describe('An earlier result stands for the step when nothing that it depends on has changed'),
  cache_key: z.string().min(1).optional().describe('Template that says alone when results are the same'),
  cache: stepCache
    .optional()
    .describe('What a result depends on, who may be given it, and what it brings back'),
  cache_version: cacheVersion.optional().describe('With another one all earlier results count no more'),
};
