/** Facts: what happened outside the journal to a run that is driven, and the events that they become. */
import type { Event, InterruptCause } from '../core/events.ts';
import { Bug } from '../core/failure.ts';
import type { ChangeNote } from '../core/rollback-events.ts';
import type { RunState, StepState } from '../core/state.ts';
import type { CacheHit } from '../core/step-cache.ts';
import type { Outcome, ProcessExit } from '../core/step-type.ts';
import type { StoredArtifacts } from './artifact-wishes.ts';
import { askedEvent } from './asked-event.ts';
import { returnEvent } from './cached-event.ts';
import type { ChildEnd } from './child-runs.ts';
import type { CallEnd, CallWish } from './run-calls.ts';
import type { RunSource } from './run-source.ts';
import { settleTask } from './settle-task.ts';
import { stepContext } from './step-context.ts';
import { stoppedFailure } from './stopped-failure.ts';

export type Fact =
  | {
      readonly kind: 'exit';
      readonly key: string;
      readonly seq: number;
      readonly exit: ProcessExit;
      /** What it did to files, where somebody looks. */
      readonly changes?: ChangeNote | 'later';
      readonly stored?: StoredArtifacts;
    }
  | {
      readonly kind: 'called';
      readonly key: string;
      readonly seq: number;
      readonly end: CallEnd;
      readonly changes?: ChangeNote | 'later';
      readonly stored?: StoredArtifacts;
    }
  | {
      readonly kind: 'ran';
      readonly key: string;
      readonly seq: number;
      readonly end: ChildEnd;
      readonly changes?: ChangeNote | 'later';
      readonly stored?: StoredArtifacts;
    }
  /** What brings back the files of an earlier result has ended. */
  | {
      readonly kind: 'brought_back';
      readonly key: string;
      readonly seq: number;
      readonly end: CallEnd;
      readonly hit: CacheHit;
      readonly changes?: ChangeNote | 'later';
      readonly stored?: StoredArtifacts;
    }
  | (CallWish & { readonly key: string; readonly seq: number })
  /** Something slow about files has ended, and this is its event. */
  | { readonly kind: 'files'; readonly event: Event }
  | { readonly kind: 'bug'; readonly message: string }
  | {
      readonly kind: 'lost';
      readonly key: string;
      readonly seq: number;
      readonly cause: InterruptCause;
    }
  | { readonly kind: 'prerequisites'; readonly problems: readonly string[] };

/** A process, a call or a run of a step has ended. */
export type AttemptEnd = Extract<Fact, { readonly kind: 'exit' | 'called' | 'ran' }>;
export type BroughtBack = Extract<Fact, { readonly kind: 'brought_back' }>;

/** An exit of an attempt that is no longer the one under way says nothing. */
export function factEvent(source: RunSource, fact: Fact): Event | undefined {
  if (fact.kind === 'prerequisites') return prerequisiteEvent(source.run, fact.problems);
  if (fact.kind === 'bug') throw new Bug(fact.message);
  if (fact.kind === 'files') return fitsStill(source.run, fact.event) ? fact.event : undefined;
  const step = source.run.byKey.get(fact.key);
  if (!step || step.seq !== fact.seq || !source.run.running.has(step)) return undefined;
  if (fact.kind === 'lost') {
    const isRepeatable = step.step.idempotent || step.frame.root === 'undo' || step.call?.repeatable;
    const again = fact.cause === 'never_started' || isRepeatable === true;
    return { type: 'step.interrupted', step: step.key, attempt: step.attempt, cause: fact.cause, again };
  }
  if (fact.kind === 'noted')
    return { type: 'step.noted', step: step.key, attempt: step.attempt, note: fact.note };
  if (fact.kind === 'asking') {
    const question = source.newQuestionId(step);
    fact.asked(question);
    return { ...askedEvent(step.key, question, fact.ask), call: true };
  }
  if (fact.kind === 'brought_back') return withChanges(returnEvent(source, step, fact), fact.changes);
  const outcome = endOutcome(source, step, fact);
  return withChanges(settleTask(source, step, outcome, fact.stored), fact.changes);
}

/** What was told to end while its files were stored has not stored them. */
function endOutcome(source: RunSource, step: StepState, fact: AttemptEnd): Outcome {
  const outcome = attemptOutcome(source, step, fact);
  const why = outcome.ok && fact.stored?.ok === false ? whyStopped(step, source.nowMs) : undefined;
  return why ? { ...outcome, ok: false, failure: stoppedFailure(step, why) } : outcome;
}

/** What the end of an attempt means, by what the step's type says of it. */
export function attemptOutcome(source: RunSource, step: StepState, fact: AttemptEnd): Outcome {
  if (fact.kind === 'called') return callOutcome(step, fact.end);
  if (fact.kind === 'ran') return childOutcome(source, step, fact.end);
  const type = source.stepType(step.step.type);
  const exit = stoppedBefore(step, fact.exit, source.nowMs);
  const outcome = type.exited?.(stepContext(source, step, step.attempt), exit);
  if (!outcome) throw new Bug(`step type ${step.step.type} started a process but does not take its exit`);
  return outcome;
}

function callOutcome(step: StepState, end: CallEnd): Outcome {
  if (end.kind === 'outcome') return end.outcome;
  if (end.kind === 'bug') throw new Bug(`the call of step ${step.key} threw: ${end.message}`);
  return { ok: false, failure: stoppedFailure(step, end.why) };
}

/** A run that was told to end fails its step with the reason for that, however it ended. */
function childOutcome(source: RunSource, step: StepState, end: ChildEnd): Outcome {
  if ('failure' in end) return { ok: false, failure: end.failure };
  const type = source.stepType(step.step.type);
  const outcome = type.ran?.(stepContext(source, step, step.attempt), end);
  if (!outcome) throw new Bug(`step type ${step.step.type} starts a run but does not take its end`);
  const stopped = whyStopped(step, source.nowMs);
  return outcome.ok || !stopped ? outcome : { ...outcome, failure: stoppedFailure(step, stopped) };
}

function withChanges(event: Event, changes: ChangeNote | 'later' | undefined): Event {
  const isEnd =
    event.type === 'step.succeeded' ||
    event.type === 'step.failed' ||
    event.type === 'step.retry_scheduled' ||
    event.type === 'step.cached';
  if (!isEnd || !changes) return event;
  return changes === 'later' ? { ...event, changes_later: true } : { ...event, changes };
}

/** The run may have gone another way meanwhile. */
function fitsStill(run: RunState, event: Event): boolean {
  switch (event.type) {
    case 'checkpoint.taken':
      return event.why === 'rescue'
        ? run.phase === 'unwind' && !run.unwind?.rescue
        : isReady(run, event.step);
    case 'checkpoint.skipped':
    case 'step.failed':
      return isReady(run, event.step);
    case 'unwind.started':
      return run.unwind !== undefined && run.unwind.items === undefined;
    case 'restore.finished':
      return (run.unwind?.items ?? []).some(
        (item) =>
          item.kind === 'restore' && item.status === 'running' && item.checkpoint.id === event.checkpoint,
      );
    default:
      return run.unwind !== undefined;
  }
}

/** Whether the step may still start. */
export const isReady = (run: RunState, key: string | undefined): boolean => {
  const step = run.byKey.get(key ?? '');
  return !run.unwind && step !== undefined && run.ready.has(step);
};

/** A host that died between its signal and the end of the process took the reason for the end with it. */
function stoppedBefore(step: StepState, exit: ProcessExit, nowMs: number): ProcessExit {
  const { signal, code } = exit;
  const byStop = signal === 'SIGTERM' || signal === 'SIGKILL';
  if (exit.stopped || code === 0 || !byStop) return exit;
  const stopped = whyStopped(step, nowMs);
  return stopped ? { ...exit, stopped } : exit;
}

/** Why it was told to end, if it was; that its time is over is told to nobody but the clock. */
function whyStopped({ stopping, timeoutAt }: StepState, nowMs: number): StepState['stopping'] {
  return stopping ?? (timeoutAt !== undefined && timeoutAt <= nowMs ? 'timeout' : undefined);
}

function prerequisiteEvent(run: RunState, problems: readonly string[]): Event | undefined {
  if (run.status !== 'queued') return undefined;
  if (problems.length === 0) return { type: 'run.started' };
  return {
    type: 'run.finished',
    status: 'failed',
    reason: `prerequisites are not met: ${problems.join('; ')}`,
  };
}
