/** Beginning an attempt of a task: its condition, what its type wants done, and the events that record it. */
import { evaluateCondition } from '../../definition/expression/evaluate.ts';
import type { Event, EventOf, ProcessTerms } from '../core/events.ts';
import { Bug } from '../core/failure.ts';
import { KILL_GRACE_MS, STEP_LOG_BYTES_MAX } from '../core/limits.ts';
import type { RunState, StepState } from '../core/state.ts';
import { isOutermost } from '../core/state.ts';
import type { Action, CallSpec, Outcome, ProcessSpec, StepContext, StepType } from '../core/step-type.ts';
import { askedEvent } from './asked-event.ts';
import { hasRoomFor, useHit } from './cached-event.ts';
import { newRunId } from './run-requests.ts';
import type { Realized, RunSource } from './run-source.ts';
import { checkpointScripts } from './script-steps.ts';
import { settleTask } from './settle-task.ts';
import { stepContext } from './step-context.ts';
import { scopeAt } from './step-scope.ts';

/**
 * The event that ends a step before it began, because its `when` says no or cannot be answered.
 * A loop's condition is asked once before the loop, or for each item when it reads the item.
 */
export function conditionEvent(source: RunSource, step: StepState): Event | undefined {
  const { when, foreach } = step.step;
  if (when === undefined || step.attempt > step.attemptBase) return undefined;
  const inLoop = step.frame.owner?.layer === 'foreach' && step.frame.owner.step === step.step;
  const asksHere = foreach?.whenPerItem ? inLoop : isOutermost(step);
  if (!asksHere) return undefined;
  const answer = evaluateCondition(when, scopeAt(source, step));
  if (!answer.ok)
    return { type: 'step.failed', step: step.key, attempt: step.attempt, failure: answer.error };
  return answer.value
    ? undefined
    : { type: 'step.skipped', step: step.key, reason: `\`when\` is false: ${when}` };
}

export function beginTask(source: RunSource, step: StepState): Realized {
  const condition = conditionEvent(source, step);
  if (condition) return { events: [condition], effects: [] };
  const cached = source.cached(step);
  if (!cached) return { events: [], effects: [{ kind: 'look_up_cache', step }] };
  const hit = cached.kind === 'hit' && hasRoomFor(source, cached.hit) ? cached.hit : undefined;
  if (hit?.files.length === 0) return useHit(step, hit, {});
  const ready = source.readiness(step);
  if (!ready) return prepare(source, step);
  if (hit) return useHit(step, hit, ready);
  const attempt = step.attempt + 1;
  const started = {
    type: 'step.started' as const,
    step: step.key,
    attempt,
    ...timeoutAt(source, step.step.timeoutMs),
    ...undoOf(source, step),
    ...(cached.kind === 'perform' && cached.key !== undefined && { cache_key: cached.key }),
    ...(ready.changes && { changes_before: ready.changes }),
  };
  const type = source.stepType(step.step.type);
  const begun = begunBy(type, stepContext(source, step, attempt));
  if (begun.ok) return beginAction(source, step, begun.value, started);
  return {
    events: [started, settled(source, step, started, { ok: false, failure: begun.error })],
    effects: [],
  };
}

/** What a type throws is a bug of its own: its name belongs to it. */
function begunBy(type: StepType, context: StepContext): ReturnType<StepType['begin']> {
  try {
    const begun = type.begin(context);
    if (typeof begun?.ok !== 'boolean')
      throw new Error('expected `ok({ kind: … })` or `err({ … })` from `begin`');
    return begun;
  } catch (error) {
    throw new Bug(
      `step type \`${type.type}\`, asked by step \`${context.key}\`: ${(error as Error).message}`,
    );
  }
}

type Started = EventOf<'step.started'>;

const settled = (source: RunSource, step: StepState, { attempt }: Started, outcome: Outcome): Event =>
  settleTask(source, { ...step, attempt }, outcome);

function beginAction(source: RunSource, step: StepState, action: Action, started: Started): Realized {
  switch (action.kind) {
    case 'done':
      return { events: [started, settled(source, step, started, action.outcome)], effects: [] };
    case 'sleep':
      return { events: [{ ...started, ...asleep(action) }], effects: [] };
    case 'signal':
      return { events: [{ ...started, ...awaited(action) }], effects: [] };
    case 'ask': {
      const asked = askedEvent(step.key, source.newQuestionId(step), action.ask);
      return { events: [started, asked], effects: [] };
    }
    case 'process':
      return {
        events: [{ ...started, process: termsOf(source.bootId, action.process) }],
        effects: [{ kind: 'spawn', step, spec: action.process }],
      };
    case 'call':
      return beginCall(source, step, action, started);
    case 'run':
      return {
        events: [{ ...started, run: { id: newRunId(source.nowMs) } }],
        effects: [{ kind: 'run', step, spec: action }],
      };
    case 'roll_back':
      return takeRunBack(source, step, started);
  }
}

const asleep = ({ untilMs, deadlineMs }: Extract<Action, { kind: 'sleep' }>): Partial<Started> => ({
  wake_at: untilMs,
  ...(deadlineMs !== undefined && { deadline_at: deadlineMs }),
});

const awaited = ({ name, untilMs }: Extract<Action, { kind: 'signal' }>): Partial<Started> => ({
  signal: name,
  ...(untilMs !== undefined && { wake_at: untilMs }),
});

const timeoutAt = ({ nowMs }: RunSource, timeoutMs: number | undefined): Pick<Started, 'timeout_at'> =>
  timeoutMs === undefined ? {} : { timeout_at: nowMs + timeoutMs };

/** What is called with stays in memory: a later host asks the type anew. */
function beginCall(source: RunSource, step: StepState, spec: CallSpec, started: Started): Realized {
  const { call, repeatable, timeoutMs } = spec;
  const terms = repeatable ? { repeatable } : {};
  const ends = step.step.timeoutMs === undefined ? timeoutAt(source, timeoutMs) : {};
  return { events: [{ ...started, ...ends, call: terms }], effects: [{ kind: 'call', step, call }] };
}

/** The run that the undone step has started; one that it never came to start has nothing to take back. */
function takeRunBack(source: RunSource, step: StepState, started: Started): Realized {
  const id = step.frame.owner?.innerRuns?.at(-1);
  if (id === undefined)
    return { events: [started, settled(source, step, started, { ok: true })], effects: [] };
  return { events: [{ ...started, run: { id, roll_back: true } }], effects: [{ kind: 'run', step }] };
}

/** Its files are looked after first; the command comes again when that is done. */
function prepare(source: RunSource, step: StepState): Realized {
  const captures = checkpointScripts(source, step, 'capture');
  if (captures.ok) return { events: [], effects: [{ kind: 'prepare', step, captures: captures.value }] };
  const failure = { ...captures.error, code: 'checkpoint_failed' };
  return { events: [{ type: 'step.failed', step: step.key, attempt: step.attempt, failure }], effects: [] };
}

/** How the attempt would be taken back, written down before it begins. */
function undoOf({ run }: RunSource, { key, step, frame }: StepState): Pick<EventOf<'step.started'>, 'undo'> {
  const { effects = 'none' } = step;
  if (effects === 'none' || frame.root !== 'steps') return {};
  if (step.undo) return { undo: 'steps' };
  if (step.irreversible !== undefined) return { undo: 'irreversible' };
  return { undo: effects === 'workspace' && isCovered(run, key) ? 'checkpoint' : 'none' };
}

/** A checkpoint of a part of the scope holds only for the step that it was taken for. */
const isCovered = ({ checkpoints }: RunState, key: string): boolean =>
  [...checkpoints.values()].some(({ taken }) => !taken.partial || taken.step === key);

function termsOf(boot: string, spec: ProcessSpec): ProcessTerms {
  return {
    boot,
    ...(spec.separate.length > 0 && { separate: spec.separate }),
    ...(spec.logBytesMax !== STEP_LOG_BYTES_MAX && { log_bytes_max: spec.logBytesMax }),
    ...(spec.onLogLimit === 'truncate' && { on_log_limit: 'truncate' as const }),
    ...(spec.killGraceMs !== KILL_GRACE_MS && { kill_grace_ms: spec.killGraceMs }),
  };
}

export type RecoverTerms = Pick<ProcessSpec, 'separate' | 'logBytesMax' | 'onLogLimit' | 'killGraceMs'>;

/** The inverse of `termsOf`, for a host that takes an attempt over. */
export const recoverTerms = (terms: ProcessTerms): RecoverTerms => ({
  separate: terms.separate ?? [],
  logBytesMax: terms.log_bytes_max ?? STEP_LOG_BYTES_MAX,
  onLogLimit: terms.on_log_limit ?? 'fail',
  killGraceMs: terms.kill_grace_ms ?? KILL_GRACE_MS,
});
