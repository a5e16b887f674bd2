/** Facts: what happened outside the journal to a run that is driven, and the events that they become. */
import type { Event, InterruptCause } from '../core/events.ts';
import { Bug } from '../core/failure.ts';
import type { ChangeNote } from '../core/rollback-events.ts';
import type { RunState, StepState } from '../core/state.ts';
import type { Outcome, ProcessExit } from '../core/step-type.ts';
import type { CallEnd } from './run-calls.ts';
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
    }
  | {
      readonly kind: 'called';
      readonly key: string;
      readonly seq: number;
      readonly end: CallEnd;
      readonly changes?: ChangeNote | 'later';
    }
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
  if (fact.kind === 'called') {
    const outcome = callOutcome(step, fact.end);
    return withChanges(settleTask(source, step, outcome), fact.changes);
  }
  const type = source.stepType(step.step.type);
  const exit = stoppedBefore(step, fact.exit, source.nowMs);
  const outcome = type.exited?.(stepContext(source, step, step.attempt), exit);
  if (!outcome) throw new Bug(`step type ${step.step.type} started a process but does not take its exit`);
  return withChanges(settleTask(source, step, outcome), fact.changes);
}

function callOutcome(step: StepState, end: CallEnd): Outcome {
  if (end.kind === 'outcome') return end.outcome;
  if (end.kind === 'bug') throw new Bug(`the call of step ${step.key} threw: ${end.message}`);
  return { ok: false, failure: stoppedFailure(step, end.why) };
}

function withChanges(event: Event, changes: ChangeNote | 'later' | undefined): Event {
  const isEnd =
    event.type === 'step.succeeded' || event.type === 'step.failed' || event.type === 'step.retry_scheduled';
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

const isReady = (run: RunState, key: string | undefined): boolean => {
  const step = run.byKey.get(key ?? '');
  return !run.unwind && step !== undefined && run.ready.has(step);
};

/** A host that died between its signal and the end of the process took the reason for the end with it. */
function stoppedBefore(step: StepState, exit: ProcessExit, nowMs: number): ProcessExit {
  const { signal, code } = exit;
  const byStop = signal === 'SIGTERM' || signal === 'SIGKILL';
  if (exit.stopped || code === 0 || !byStop) return exit;
  const isLate = step.timeoutAt !== undefined && step.timeoutAt <= nowMs;
  const stopped = step.stopping ?? (isLate ? 'timeout' : undefined);
  return stopped ? { ...exit, stopped } : exit;
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
