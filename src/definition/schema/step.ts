/**
 * The keys that every step may have, whatever its type, and the step types that are known but do not run yet.
 * A step's whole schema is these keys plus its type's own; lists of steps inside are checked one by one by the
 * caller, so `steps` is passed in.
 */
import * as z from 'zod';
import { REPEAT_ROUNDS_MAX, RETRY_ATTEMPTS_MAX } from '../../engine/core/limits.ts';
import { condition, duration, environment, identifier, timeout } from './values.ts';

const STRATEGIES = ['immediate', 'graceful', 'checkpoint', 'manual'] as const;

export const onFailure = z.enum([
  'stop',
  'continue',
  'rollback',
  ...STRATEGIES.map((strategy) => `rollback:${strategy}` as const),
]);

/** Every failure code that a step may end with, except `cancelled`, which is never retried. */
const FAILURE_CODES = [
  ...['any', 'exit', 'timeout', 'killed', 'output_limit', 'cwd_missing', 'shell_missing', 'expression'],
  ...['value_too_large', 'nul_byte', 'output_too_large', 'assertion', 'wait_invalid', 'answer_invalid'],
  ...['rejected', 'expired', 'interrupted', 'block_failed', 'repeat_exhausted', 'too_many_items'],
] as const;

const failureCode = z.union([
  z.enum(FAILURE_CODES),
  // With `abort` both ways are reported as wrong, and the list of words is the one that helps.
  z.string().regex(/^exit:(?:1?\d?\d|2[0-4]\d|25[0-5])$/, { abort: true }),
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
    .describe('Failure codes that are retried; `exit:75` is one exit code'),
});

const repeat = z
  .strictObject({
    until: condition.optional().describe('Expression, asked after each round'),
    max: z.int().min(1).max(REPEAT_ROUNDS_MAX).optional().describe('Rounds; 100 unless said'),
    delay: duration.optional().describe('Between two rounds'),
  })
  .refine((raw) => raw.until !== undefined || raw.max !== undefined, {
    error: 'expected `until`, `max` or both: else it would never end',
  });

/** Keys of every step, except lists of steps. */
const common = {
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
  on_failure: onFailure.optional(),
  idempotent: z.boolean().optional(),
  env: environment.optional(),
  outputs: z.record(identifier, z.string()).optional().describe('Name to template'),
  foreach: z
    .union([z.string().trim().min(1), z.array(z.json())], {
      error: 'expected an expression, a range `1..10` or a list',
    })
    .optional(),
  as: identifier.optional().describe('Name of the item in expressions, besides `item`'),
  max_parallel: z.int().min(1).max(1_000).optional().describe('Iterations at once; 1 unless said'),
  repeat: repeat.optional(),
};

/** Keys of every step that are kept but do not run yet. */
const later = (steps: z.ZodType) => ({
  undo: z.union([z.string(), steps]).optional().describe('A command, or a list of steps'),
  checkpoint: z.boolean().optional(),
  cache_key: z.string().optional(),
  use_cache: z.boolean().optional(),
  security_profile: z.enum(['restricted', 'standard', 'privileged']).optional(),
  prompt: z.string().optional(),
  message: z.string().optional(),
  inputs: z.union([z.array(z.string()), z.record(z.string(), z.json())]).optional(),
  else: steps.optional(),
});

/** Common keys that are kept but do not run yet. */
export const LATER_STEP_KEYS = Object.keys(later(z.array(z.unknown())));

/** Keys that a step of any type may have. */
export const stepKeys = (steps: z.ZodType) => ({ ...common, ...later(steps) });

/** The two keys that make a step a block. */
export const blockKeys = (steps: z.ZodType) => ({
  steps: steps.optional().describe('A group: one after the other'),
  parallel: steps.optional().describe('A group: all at once'),
});

/** Step types of later releases: what they need is known, everything else is kept as written. */
export const LATER_TYPES: { readonly [type: string]: z.ZodRawShape } = {
  http: { url: z.string() },
  ssh: { host: z.string(), command: z.string() },
  mcp: { tool: z.string() },
  agent: {},
  claude_code: {},
  notify: {},
  checkpoint: {},
  workflow: { workflow: z.string() },
};
