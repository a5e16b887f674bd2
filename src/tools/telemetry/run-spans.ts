/**
 * What a run that has ended did, as spans: one for the run, one for each of its steps, with the tries that failed, questions
 * and checkpoints as events. A run that is resumed gets another set of spans in the same trace for what it did then.
 * Pure: from the journal's events to data.
 */
import type { Event, EventOf, JournalEvent } from '../../engine/core/events.ts';
import type { RunState } from '../../engine/core/state.ts';
import { parseTraceParent, spanIdOf, TRACEPARENT, traceIdOf } from '../../engine/host/trace-context.ts';

export interface RunSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string | undefined;
  /** The parent is not one of ours. */
  readonly hasForeignParent?: boolean;
  readonly isSampled: boolean;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: { readonly [name: string]: string | number | boolean };
  readonly events: readonly SpanEvent[];
  /** Of runs that did the work of a step. */
  readonly links: readonly string[];
  /** Why it failed; absent where it did not. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

export interface SpanEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: { readonly [name: string]: string | number };
}

/** Steps of one run that are told of; the run says how many there were. */
const STEPS_MAX = 5_000;
const EVENTS_MAX = 128;

const FAILED: ReadonlySet<string> = new Set(['failed', 'stuck', 'cancelled', 'rolled_back']);

/** The run's span first, then those of its steps. `events` are all of the run, up to a `run.finished`. */
export function runSpans(run: RunState, events: readonly JournalEvent[]): readonly RunSpan[] {
  const finished = events.flatMap((each, index) => (each.event.type === 'run.finished' ? [index] : []));
  const part = finished.length - 1;
  const first = part > 0 ? finished[part - 1]! + 1 : 0;
  const own = events.slice(first, (finished.at(-1) ?? 0) + 1);
  const created = events[0]?.event as EventOf<'run.created'>;
  const caller = parseTraceParent(created.env[TRACEPARENT]);
  const { parent } = created;
  const ids = {
    traceId: traceIdOf({ runId: run.runId, env: created.env }),
    isSampled: caller?.isSampled ?? true,
    part,
  };
  const steps = [...eventsOfSteps(own)];
  const last = own.at(-1)!;
  const end = last.event as EventOf<'run.finished'>;
  return [
    {
      ...ids,
      spanId: spanIdOf(run.runId, '', part),
      parentId: parent ? spanIdOf(parent.run, parent.step) : caller?.spanId,
      hasForeignParent: !parent && caller !== undefined,
      name: `run ${run.workflow.name}`,
      startMs: own[0]?.at ?? last.at,
      endMs: last.at,
      attributes: {
        'belay.run.id': run.runId,
        'belay.run.status': end.status,
        'belay.workflow.name': run.workflow.name,
        'belay.workflow.version': run.workflow.version,
        'belay.run.steps': steps.length,
        ...(part > 0 && { 'belay.run.resumed': part }),
      },
      events: own.flatMap(runEvent).slice(0, EVENTS_MAX),
      links: [],
      error: FAILED.has(end.status)
        ? { code: end.status, message: end.reason ?? `the run ended ${end.status}` }
        : undefined,
    },
    ...steps.slice(0, STEPS_MAX).map(([key, of]) => stepSpan(run, of, key, ids)),
  ];
}

/** Steps that something was done with, in that order, with all that was; read once, since there may be many of both. */
function eventsOfSteps(events: readonly JournalEvent[]): ReadonlyMap<string, readonly JournalEvent[]> {
  const begun = new Map<string, JournalEvent[]>();
  const of = new Map<string, JournalEvent[]>();
  for (const each of events) {
    const { event } = each;
    if (!('step' in event) || typeof event.step !== 'string') continue;
    const own = of.get(event.step) ?? [];
    own.push(each);
    of.set(event.step, own);
    if (event.type === 'step.started' || event.type === 'step.scheduled' || event.type === 'step.cached')
      begun.set(event.step, own);
  }
  return begun;
}

function stepSpan(
  run: RunState,
  own: readonly JournalEvent[],
  key: string,
  { part, ...ids }: { readonly traceId: string; readonly isSampled: boolean; readonly part: number },
): RunSpan {
  const state = run.byKey.get(key);
  const first = own.findIndex(({ event }) => !EARLY.has(event.type));
  const startMs = own[Math.max(0, first)]?.at ?? 0;
  const owner = state?.frame.owner?.key;
  const failure = own.map(({ event }) => (event.type === 'step.failed' ? event.failure : undefined)).at(-1);
  const inner = own.flatMap(({ event }) =>
    event.type === 'step.started' && event.run ? [event.run.id] : [],
  );
  // a block has no event of its own for its end
  const endMs = state?.layer === 'task' || !state?.finishedAt ? own.at(-1)?.at : state.finishedAt;
  return {
    ...ids,
    spanId: spanIdOf(run.runId, key, part),
    parentId: spanIdOf(run.runId, owner ?? '', part),
    name: `step ${key}`,
    startMs,
    endMs: Math.max(startMs, endMs ?? startMs),
    attributes: {
      'belay.run.id': run.runId,
      'belay.step.key': key,
      ...(state && {
        'belay.step.type': state.layer === 'task' ? state.step.type : state.layer,
        'belay.step.status': state.status,
        'belay.step.attempts': state.attempt,
      }),
      ...(state?.exitCode !== undefined && { 'process.exit.code': state.exitCode }),
    },
    events: own.flatMap(stepEvent).slice(0, EVENTS_MAX),
    links: inner.map((id) => spanIdOf(id, '')),
    error: failure && { code: failure.code, message: failure.message },
  };
}

/** What may stand in the journal before a step begins. */
const EARLY: ReadonlySet<string> = new Set<Event['type']>(['checkpoint.taken', 'checkpoint.skipped']);

function runEvent({ at: atMs, event }: JournalEvent): readonly SpanEvent[] {
  switch (event.type) {
    case 'run.paused':
    case 'run.resumed':
    case 'run.cancel_requested':
    case 'run.timed_out':
    case 'unwind.requested':
      return [{ name: event.type, atMs, attributes: 'by' in event ? { 'belay.by': event.by } : {} }];
    case 'checkpoint.taken':
      return [{ name: event.type, atMs, attributes: { 'belay.checkpoint': event.checkpoint } }];
    default:
      return [];
  }
}

function stepEvent({ at: atMs, event }: JournalEvent): readonly SpanEvent[] {
  switch (event.type) {
    case 'step.retry_scheduled':
      return event.failure ? [failed(atMs, event.attempt - 1, event.failure)] : [];
    case 'step.failed':
      return [failed(atMs, event.attempt, event.failure)];
    case 'step.interrupted':
      return [{ name: event.type, atMs, attributes: { 'belay.cause': event.cause } }];
    case 'question.asked':
    case 'question.answered':
    case 'question.expired':
      return [{ name: event.type, atMs, attributes: { 'belay.question': event.question } }];
    default:
      return [];
  }
}

/** As OpenTelemetry wants what went wrong. */
const failed = (
  atMs: number,
  attempt: number,
  { code, message }: { readonly code: string; readonly message: string },
): SpanEvent => ({
  name: 'exception',
  atMs,
  attributes: { 'exception.type': code, 'exception.message': message, 'belay.step.attempt': attempt },
});
