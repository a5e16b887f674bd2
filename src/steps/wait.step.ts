/**
 * `wait`: sleeps for a time or until a time, until a condition holds, or until a signal comes. Sleeps are durable timers
 * of the host, so they survive restarts and hold no process. A time that has passed wakes at once.
 * A condition is looked at ever more seldom, so that a long wait leaves a short journal.
 */
import * as z from 'zod';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import { POLL_MS_MIN, POLLS_PER_SPAN_MAX } from '../engine/core/limits.ts';
import type { Json, JsonObject } from '../engine/core/model.ts';
import { SIGNAL_NAME, SIGNAL_NAME_EXPECTED } from '../engine/core/signal-name.ts';
import type { Action, Outcome, StepContext, StepType } from '../engine/core/step-type.ts';
import { durationMs } from './duration.ts';
import { shown, waitExpired, waitInvalid } from './messages.ts';
import { waitFields, waitProblem } from './wait/wait-fields.ts';
import { deadlineMs } from './wait/wait-time.ts';

const POLL_MS_USUAL = 10_000;

const schema = z.strictObject(waitFields).superRefine((config, context) => {
  const problem = waitProblem(config);
  if (problem) context.addIssue({ code: 'custom', ...problem });
});

type Config = z.infer<typeof schema>;

const configOf = (context: StepContext): Config => schema.parse(context.step.config);

export const waitStep: StepType<z.ZodObject> = {
  type: 'wait',
  summary: 'Sleep for a time or until a time, a condition or a signal, across restarts',
  schema,
  fields: {
    for: 'template',
    duration: 'template',
    until: 'template',
    condition: 'expression',
    every: 'literal',
    signal: 'template',
    on_expire: 'literal',
  },
  effects: 'none',

  begin(context) {
    const config = configOf(context);
    const until = deadlineMs(context, config);
    if (!until.ok) return until;
    if (config.signal !== undefined) return awaitSignal(context, config.signal, until.value);
    if (config.condition === undefined) return ok({ kind: 'sleep', untilMs: until.value ?? context.nowMs });
    const looked = look(context, config, { sinceMs: context.nowMs, deadlineMs: until.value });
    if ('ok' in looked) return ok({ kind: 'done', outcome: looked });
    const deadline = until.value === undefined ? {} : { deadlineMs: until.value };
    return ok({ kind: 'sleep', untilMs: looked.sleepUntilMs, ...deadline });
  },

  woke(context, sleep) {
    const config = configOf(context);
    if (config.condition !== undefined) return look(context, config, sleep);
    return config.signal === undefined
      ? { ok: true }
      : overdue(context, config, `signal \`${config.signal}\` did not come`);
  },

  signalled(_, payload) {
    return { ok: true, outputs: isObject(payload) ? payload : { value: payload } };
  },

  plan(context) {
    const config = configOf(context);
    const what = planned(config);
    const until = deadlineMs(context, config);
    if (!until.ok) return { does: `waits${what}`, unknown: until.error.message };
    if (until.value === undefined) return { does: `waits${what}` };
    const time = new Date(until.value).toISOString();
    return { does: what === '' ? `waits until ${time}` : `waits${what}, until ${time} at most` };
  },
};

const planned = ({ signal, condition }: Config): string => {
  if (signal !== undefined) return ` for signal \`${signal}\``;
  return condition === undefined ? '' : ` until \`${condition}\``;
};

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function awaitSignal(
  context: StepContext,
  signal: string,
  untilMs: number | undefined,
): Result<Action, Failure> {
  const name = context.renderText(signal);
  if (!name.ok) return name;
  if (!SIGNAL_NAME.test(name.value)) return err(waitInvalid('signal', name.value, SIGNAL_NAME_EXPECTED));
  return ok({ kind: 'signal', name: name.value, ...(untilMs !== undefined && { untilMs }) });
}

interface Watch {
  readonly sinceMs: number;
  readonly deadlineMs?: number | undefined;
}

/** One look at the condition: it holds, it never will in time, or the time of the next look. */
function look(
  context: StepContext,
  config: Config,
  { sinceMs, deadlineMs: deadline = Number.POSITIVE_INFINITY }: Watch,
): Outcome | { readonly sleepUntilMs: number } {
  const condition = String(config.condition);
  const holds = context.evaluate(condition);
  if (!holds.ok) return { ok: false, failure: holds.error };
  if (holds.value === true) return { ok: true };
  if (holds.value !== false)
    return { ok: false, failure: waitInvalid('condition', holds.value, 'true or false') };
  const { nowMs } = context;
  if (nowMs >= deadline) return overdue(context, config, `\`${shown(condition)}\` was still false`);
  const every = durationMs(config.every) ?? POLL_MS_USUAL;
  const pause = Math.max(POLL_MS_MIN, every, Math.ceil((nowMs - sinceMs) / POLLS_PER_SPAN_MAX));
  return { sleepUntilMs: Math.min(nowMs + pause, deadline) };
}

function overdue(context: StepContext, config: Config, what: string): Outcome {
  if (config.on_expire === 'continue') return { ok: true, outputs: { expired: true } };
  return { ok: false, failure: waitExpired(context.key, what) };
}
