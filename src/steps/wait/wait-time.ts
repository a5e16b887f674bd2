/** When a `wait` is over by the clock, from the fields that say so. */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import { DURATION_MS_MAX } from '../../engine/core/limits.ts';
import type { Json } from '../../engine/core/model.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { DURATION_EXPECTED, durationMs } from '../duration.ts';
import { waitInvalid } from '../messages.ts';
import { holdsExpression } from './wait-fields.ts';

const TIME_EXPECTED = 'an RFC 3339 time such as `2030-01-31T18:00:00Z`, or epoch milliseconds';
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

interface Times {
  readonly for?: string | number | undefined;
  readonly duration?: string | number | undefined;
  readonly until?: string | undefined;
}

/** Epoch ms; undefined where no time is given. */
export function deadlineMs(context: StepContext, times: Times): Result<number | undefined, Failure> {
  if (times.until !== undefined) return untilMs(context, times.until);
  const field = times.for === undefined ? 'duration' : 'for';
  const span = times[field];
  if (span === undefined) return ok(undefined);
  const rendered = context.render(span);
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
