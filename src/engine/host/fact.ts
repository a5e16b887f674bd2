/** Facts: what happened outside the journal to a run that is driven, and the events that they become. */
import type { Event } from '../core/events.ts';
import { Bug } from '../core/failure.ts';
import type { RunState, StepState } from '../core/state.ts';
import type { ProcessExit } from '../core/step-type.ts';
import type { RunSource } from './run-source.ts';
import { settleTask } from './settle-task.ts';
import { stepContext } from './step-context.ts';

export type Fact =
  | { readonly kind: 'exit'; readonly key: string; readonly seq: number; readonly exit: ProcessExit }
  | {
      readonly kind: 'lost';
      readonly key: string;
      readonly seq: number;
      readonly cause: 'never_started' | 'reboot';
    }
  | { readonly kind: 'prerequisites'; readonly problems: readonly string[] };

/** An exit of an attempt that is no longer the one under way says nothing. */
export function factEvent(source: RunSource, fact: Fact): Event | undefined {
  if (fact.kind === 'prerequisites') return prerequisiteEvent(source.run, fact.problems);
  const step = source.run.byKey.get(fact.key);
  if (!step || step.seq !== fact.seq || !source.run.running.has(step)) return undefined;
  if (fact.kind === 'lost') {
    const again = fact.cause === 'never_started' || step.step.idempotent;
    return { type: 'step.interrupted', step: step.key, attempt: step.attempt, cause: fact.cause, again };
  }
  const type = source.stepType(step.step.type);
  const exit = stoppedBefore(step, fact.exit, source.nowMs);
  const outcome = type.exited?.(stepContext(source, step, step.attempt), exit);
  if (!outcome) throw new Bug(`step type ${step.step.type} started a process but does not take its exit`);
  return settleTask(source, step, outcome);
}

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
