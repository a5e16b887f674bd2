/**
 * The keys that every step may have, whatever its type, and the step types that are known but do not run yet.
 * A step's whole schema is these keys plus its type's own; steps inside are checked one by one by the caller, so
 * `steps`, and a single `step`, are passed in.
 */
import * as z from 'zod';
import { REPEAT_ROUNDS_MAX, RETRY_ATTEMPTS_MAX, STEP_TAGS_MAX } from '../../engine/core/limits.ts';
import { STRATEGIES } from '../../engine/core/model.ts';
import { stepOutput } from './artifact.ts';
import { cacheKeys } from './cache.ts';
import { checkpoint } from './checkpoint.ts';
import { FAILURE_CODES } from './failure-codes.ts';
import { condition, duration, environment, identifier, timeout } from './values.ts';

const ROLLBACKS = ['rollback', ...STRATEGIES.map((strategy) => `rollback:${strategy}` as const)] as const;

/** Of a step. */
export const onFailure = z.enum(['stop', 'continue', ...ROLLBACKS]);
/** Steps that run when a step has failed, and what its failure means then. */
const failureHandler = (steps: z.ZodType) =>
  z.strictObject({
    steps: steps.describe('Run when the step has failed'),
    policy: onFailure.optional().describe('After them: continue (unless said), stop, or a rollback'),
  });

/** Of a run: there is nothing left to continue with. */
export const onRunFailure = z.enum(['stop', ...ROLLBACKS]);

const failureCode = z.union([
  z.enum(FAILURE_CODES),
  // With `abort` both ways are reported as wrong, and the list of words is the one that helps.
  z.string().regex(/^(?:exit:(?:1?\d?\d|2[0-4]\d|25[0-5])|status:[1-5]\d\d)$/, { abort: true }),
]);

export const retry = z.strictObject({
  attempts: z
    .int()
    .min(1)
    .max(RETRY_ATTEMPTS_MAX)
    .optional()
    .describe('All attempts, the first included; 3 unless said'),
  delay: duration.optional().describe('1s unless said'),
  backoff: z.number().min(1).max(100).optional().describe('Factor from one delay to the next; 2 unless said'),
  max_delay: duration.optional().describe('1m unless said'),
  jitter: z.number().min(0).max(1).optional().describe('Share of the delay that chance may take away'),
  on: z
    .array(failureCode)
    .min(1)
    .optional()
    .describe('Failure codes that are retried; `exit:75` is one exit code, `status:503` one status'),
});

const command = z.string().min(1);

const repeat = z
  .strictObject({
    until: condition.optional().describe('Expression, asked after each round'),
    max: z.int().min(1).max(REPEAT_ROUNDS_MAX).optional().describe('Rounds; 100 unless said'),
    delay: duration.optional().describe('Between two rounds'),
  })
  .refine((raw) => raw.until !== undefined || raw.max !== undefined, {
    error: 'expected `until`, `max` or both: else it would never end',
  });

const tags = z.array(identifier).min(1).max(STEP_TAGS_MAX);

/** Keys of every step. */
const common = (steps: z.ZodType, step: z.ZodType) => ({
  id: identifier.optional(),
  type: z.string().optional(),
  description: z.string().optional(),
  needs: z
    .union([z.string(), z.array(z.string())], { error: 'expected a step id or a list of step ids' })
    .transform((raw) => (typeof raw === 'string' ? [raw] : raw))
    .optional()
    .describe('Steps of the same list; without it the step before, `[]` for none'),
  when: condition.optional(),
  condition: condition.optional().describe('The same as `when`'),
  timeout: timeout.optional(),
  retry: retry.optional(),
  else: steps.optional().describe('Steps for when `when` says no'),
  on_failure: z.union([onFailure, failureHandler(steps)]).optional(),
  idempotent: z.boolean().optional(),
  env: environment.optional(),
  outputs: z
    .record(identifier, stepOutput)
    .optional()
    .describe('Name to template; a path such as `./dist/app.js` makes an artifact'),
  foreach: z
    .union([z.string().trim().min(1), z.array(z.json())], {
      error: 'expected an expression, a range `1..10` or a list',
    })
    .optional(),
  as: identifier.optional().describe('Name of the item in expressions, besides `item`'),
  max_parallel: z.int().min(1).max(1_000).optional().describe('Iterations at once; 1 unless said'),
  tags: tags.optional().describe('What `limits` of the workflow counts; of a block: for each step in it'),
  repeat: repeat.optional(),
  effects: z
    .enum(['none', 'workspace', 'remote'])
    .optional()
    .describe('What it may change: nothing, files, or something elsewhere; that of its type unless said'),
  checkpoint: checkpoint
    .optional()
    .describe('A checkpoint before it starts; false: not even an automatic one'),
  undo: z
    .union([command, step, z.array(z.union([command, step])).min(1)])
    .optional()
    .describe('What takes it back: a command, a step, or a list of them'),
  irreversible: z.string().trim().min(1).optional().describe('Why it cannot be taken back'),
  destructive: z
    .boolean()
    .optional()
    .describe('It may lose what cannot be made again: a checkpoint is taken first'),
  ...cacheKeys,
});

/** Kept, but nothing is run in a sandbox yet. */
export const securityProfile = z.enum(['restricted', 'standard', 'privileged']);

/** Keys that a step of any type may have. */
export const stepKeys = (steps: z.ZodType, step: z.ZodType) => ({
  ...common(steps, step),
  security_profile: securityProfile.optional(),
});

/** The two keys that make a step a block. */
export const blockKeys = (steps: z.ZodType) => ({
  steps: steps.optional().describe('A group: one after the other'),
  parallel: steps.optional().describe('A group: all at once'),
});
