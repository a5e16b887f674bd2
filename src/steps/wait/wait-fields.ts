/** The fields of `wait`, and which of them go together: what is waited for, and how long at most. */
import * as z from 'zod';
import { POLL_MS_MIN } from '../../engine/core/limits.ts';
import { DURATION_EXPECTED, durationField, durationMs } from '../duration.ts';

export const holdsExpression = (value: unknown): boolean => typeof value === 'string' && value.includes('{{');

const span = z
  .union([z.number(), z.string()])
  .refine((value) => holdsExpression(value) || durationMs(value) !== undefined, {
    error: ({ input }) => `expected ${DURATION_EXPECTED}, found \`${String(input)}\``,
  });

const every = durationField.refine((value) => (durationMs(value) ?? POLL_MS_MIN) >= POLL_MS_MIN, {
  error: `expected at least ${POLL_MS_MIN / 1_000}s`,
});

export const waitFields = {
  for: span.optional().describe('How long: 30s, 5m, 1h30m, a number of seconds, or text with {{ }}'),
  duration: span.optional().describe('The same as `for`'),
  until: z.string().min(1).optional().describe('An RFC 3339 time, or an expression that gives one'),
  condition: z
    .union([z.string().trim().min(1), z.boolean()])
    .optional()
    .describe('Expression that is looked at until it is true; the time is then the longest wait'),
  every: every.optional().describe('How often the condition is looked at: 10s unless said, 1s at least'),
  signal: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the signal that ends the wait; the time is then the longest wait'),
  on_expire: z
    .enum(['fail', 'continue'])
    .optional()
    .describe('When condition or signal did not come in time: fail unless said'),
};

type Written = z.infer<z.ZodObject<typeof waitFields>>;

interface WaitProblem {
  readonly path: string[];
  readonly message: string;
}

export function waitProblem(config: Written): WaitProblem | undefined {
  const { condition, signal } = config;
  const times = [config.for, config.duration, config.until].filter((time) => time !== undefined).length;
  const isOpen = condition !== undefined || signal !== undefined;
  if (times > 1 || (times === 0 && !isOpen)) {
    const more = isOpen ? 'at most' : 'exactly';
    const others = isOpen ? '' : ', or a `condition`, or a `signal`';
    const message = `expected ${more} one of \`for\` (also written \`duration\`) and \`until\`${others}`;
    return { path: [], message };
  }
  if (condition !== undefined && signal !== undefined)
    return { path: ['signal'], message: 'expected one of `condition` and `signal`, found both' };
  if (config.every !== undefined && condition === undefined)
    return { path: ['every'], message: '`every` says how often a `condition` is looked at: there is none' };
  // elsewhere `condition` says whether a step runs at all; a wait that was written so must not change its meaning
  if (condition !== undefined && times > 0 && config.every === undefined)
    return {
      path: ['condition'],
      message: 'expected `every` beside it; whether the step runs at all is said by `when`',
    };
  if (config.on_expire !== undefined && (!isOpen || times === 0))
    return {
      path: ['on_expire'],
      message: 'expected a `condition` or a `signal`, and a time after which it is over',
    };
  return undefined;
}
