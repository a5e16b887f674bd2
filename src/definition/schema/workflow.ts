/** The keys of a whole definition. Lists of steps and single inputs are checked one by one by the caller. */
import * as z from 'zod';
import { CONFLICT_POLICIES } from '../../engine/core/model.ts';
import { cacheVersion, workflowCache } from './cache.ts';
import { checkpoints } from './checkpoint.ts';
import { input, output, prerequisite } from './interface.ts';
import { onFailure, onRunFailure, retry, securityProfile } from './step.ts';
import { environment, environmentName, identifier, timeout } from './values.ts';

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const defaults = z.strictObject({
  timeout: timeout.optional(),
  retry: retry.optional(),
  on_failure: onFailure.optional(),
  cwd: z.string().optional(),
  shell: z.json().optional(),
});

const concurrency = z.strictObject({
  group: z
    .string()
    .trim()
    .min(1)
    .describe('Template over inputs: whoever has the same group does not run at once'),
  on_conflict: z
    .enum(CONFLICT_POLICIES)
    .optional()
    .describe('Where another run has the group: queue (unless said), reject, or replace it'),
});

const running = (steps: z.ZodType) => ({
  name: z.string().max(100).regex(KEBAB_CASE, 'expected a kebab-case name such as `deploy-service`'),
  version: z
    .union([z.string().min(1), z.number()], { error: 'expected text such as `"1.0"`' })
    .optional()
    .describe('"1" unless said'),
  description: z.string().optional(),
  category: z.string().optional(),
  tags: z.array(z.string()).optional(),
  inputs: z.record(identifier, input).optional(),
  outputs: z.record(identifier, output).optional(),
  defaults: defaults.optional().describe('For steps that do not say it themselves'),
  prerequisites: z.array(prerequisite).optional(),
  env: environment.optional(),
  secrets: z
    .array(environmentName)
    .optional()
    .describe(
      'Environment variables that hold secrets: needed, never recorded, masked wherever they turn up',
    ),
  max_parallel: z.int().min(1).max(1_000).optional().describe('Step attempts at once in one run'),
  limits: z
    .record(identifier, z.int().min(1).max(1_000))
    .optional()
    .describe('By tag: steps with it that may be under way at once in one run'),
  checkpoints: checkpoints
    .optional()
    .describe('Scope of every checkpoint that says no other; false: no automatic ones'),
  cache: workflowCache.optional().describe('For the steps whose results are kept'),
  cache_version: cacheVersion.optional().describe('With another one all earlier results count no more'),
  on_failure: onRunFailure.optional().describe('When the run fails: stop (unless said), or take it back'),
  concurrency: concurrency.optional().describe('Runs of one group go one after the other'),
  timeout: timeout.optional().describe('Of a whole run: then it fails, and is cleaned up'),
  rollback: z
    .strictObject({
      confirm: z
        .enum(['never', 'destructive', 'always'])
        .optional()
        .describe('When a person sees what a rollback would do before an agent may start it'),
    })
    .optional()
    .describe('How this workflow may be taken back'),
  steps,
  cleanup: steps.optional().describe('Runs last, whatever happened'),
});

export const workflowSchema = (steps: z.ZodType) =>
  z.strictObject({ ...running(steps), security_profile: securityProfile.optional() });

/** What is left of a definition once its steps have been taken out; they are read on their own. */
export type WorkflowFields = z.infer<ReturnType<typeof workflowSchema>>;
