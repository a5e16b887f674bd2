/**
 * `wait`: sleeps for a time, or until a time. The sleep is a durable timer of the host, so it survives
 * restarts and holds no process. A time that has passed wakes at once.
 */
import * as z from 'zod';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import { DURATION_MS_MAX } from '../engine/core/limits.ts';
import type { Json } from '../engine/core/model.ts';
import type { StepContext, StepType } from '../engine/core/step-type.ts';
import { DURATION_EXPECTED, durationMs } from './duration.ts';
import { waitInvalid } from './messages.ts';

const TIME_EXPECTED = 'an RFC 3339 time such as `2030-01-31T18:00:00Z`, or epoch milliseconds';
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

const holdsExpression = (value: unknown): boolean => typeof value === 'string' && value.includes('{{');

const span = z
  .union([z.number(), z.string()])
  .refine((value) => holdsExpression(value) || durationMs(value) !== undefined, {
    error: ({ input }) => `expected ${DURATION_EXPECTED}, found \`${String(input)}\``,
  });

const schema = z
  .strictObject({
    for: span.optional().describe('How long: 30s, 5m, 1h30m, a number of seconds, or text with {{ }}'),
    duration: span.optional().describe('The same as `for`'),
    until: z.string().min(1).optional().describe('An RFC 3339 time, or an expression that gives one'),
  })
  .refine((config) => Object.values(config).filter((value) => value !== undefined).length === 1, {
    error: 'expected exactly one of `for` (also written `duration`) and `until`',
  });

export const waitStep: StepType<z.ZodObject> = {
  type: 'wait',
  summary: 'Sleep for a time or until a time, across restarts',
  schema,
  fields: { for: 'template', duration: 'template', until: 'template' },
  effects: 'none',

  begin(context) {
    const wake = wakeAtMs(context);
    return wake.ok ? ok({ kind: 'sleep', untilMs: wake.value }) : wake;
  },

  plan(context) {
    const wake = wakeAtMs(context);
    if (!wake.ok) return { does: 'waits', unknown: wake.error.message };
    return { does: `waits until ${new Date(wake.value).toISOString()}` };
  },
};

function wakeAtMs(context: StepContext): Result<number, Failure> {
  const config = schema.parse(context.step.config);
  if (config.until !== undefined) return untilMs(context, config.until);
  const field = config.for === undefined ? 'duration' : 'for';
  const rendered = context.render(config[field] as string | number);
  if (!rendered.ok) return rendered;
  const ms = durationMs(rendered.value);
  return ms === undefined
    ? err(waitInvalid(field, rendered.value, DURATION_EXPECTED))
    : ok(context.nowMs + ms);
}

function untilMs(context: StepContext, until: string): Result<number, Failure> {
  // Text made from `{{ }}` is never evaluated a second time: its value may come from outside.
  const literal = holdsExpression(until) || timeMs(until) !== undefined;
  const value = literal ? context.render(until) : context.evaluate(until);
  if (!value.ok) return value;
  const ms = timeMs(value.value);
  const inReach = ms !== undefined && ms <= context.nowMs + DURATION_MS_MAX;
  return inReach ? ok(ms) : err(waitInvalid('until', value.value, TIME_EXPECTED));
}

function timeMs(value: Json): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;
  if (typeof value !== 'string' || !RFC_3339.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}
