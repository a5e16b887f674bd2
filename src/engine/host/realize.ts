/**
 * From a command of `decide` to events and effects. Events are evolved and appended first; an effect is carried
 * out only after its events are durable. Asking expressions happens here; nothing else of the world is touched.
 */
import { evaluateCondition } from '../../definition/expression/evaluate.ts';
import type { Command } from '../core/decide.ts';
import type { Event } from '../core/events.ts';
import { Bug, type Failure } from '../core/failure.ts';
import type { Json, JsonObject } from '../core/model.ts';
import type { QuestionState, StepState } from '../core/state.ts';
import type { GivenAnswer, Outcome } from '../core/step-type.ts';
import { runWishes, type StoredArtifacts, stepWishes } from './artifact-wishes.ts';
import { beginTask } from './begin-task.ts';
import { openBlock } from './open-block.ts';
import { realizeUnwind } from './realize-unwind.ts';
import { runOutputs } from './run-outputs.ts';
import type { Realized, RunSource } from './run-source.ts';
import { declaredOutputs, settleBlock, settleTask } from './settle-task.ts';
import { stepContext } from './step-context.ts';
import { scopeAt, stepValue } from './step-scope.ts';
import { stoppedFailure } from './stopped-failure.ts';

const only = (event: Event): Realized => ({ events: [event], effects: [] });

export function realize(source: RunSource, command: Command): Realized {
  switch (command.kind) {
    case 'begin':
      if (source.run.workflow.prerequisites.length === 0) return only({ type: 'run.started' });
      return { events: [], effects: [{ kind: 'check_prerequisites' }] };
    case 'open':
      return only(openBlock(source, command.step));
    case 'start':
      return beginTask(source, command.step);
    case 'close':
      return only(closeBlock(source, command.step, command.failure));
    case 'again':
      return only(nextRound(source, command.step));
    case 'wake':
      return wake(source, command.step);
    case 'signal':
      return settled(source, command.step, signalOutcome(source, command.step));
    case 'timeout':
      return timeOut(source, command.step);
    case 'time_out_run':
      return only({ type: 'run.timed_out' });
    case 'expire':
      return only({ type: 'question.expired', question: command.question.id });
    case 'release':
      return only(releasedEvent(command.question));
    case 'resolve':
      return settled(source, command.question.step, answerOutcome(source, command.question));
    case 'stop':
      return stop(source, command.step, command.why);
    case 'pause':
    case 'start_cleanup':
    case 'finish_cleanup':
      return only(runEvent(command));
    case 'finish':
      return finish(source, command);
    default:
      return realizeUnwind(source, command);
  }
}

type RunCommand = Extract<Command, { kind: 'pause' | 'start_cleanup' | 'finish_cleanup' }>;
type Finish = Extract<Command, { kind: 'finish' }>;

function runEvent(command: RunCommand): Event {
  switch (command.kind) {
    case 'pause':
      return { type: 'run.paused', reason: command.reason };
    case 'start_cleanup':
      return { type: 'cleanup.started' };
    case 'finish_cleanup':
      return { type: 'cleanup.finished', failed: command.failed };
  }
}

/** What the run hands out as a whole is stored first; the command comes again when that is done. */
function finish(source: RunSource, command: Finish): Realized {
  const succeeded = command.status === 'succeeded' || command.status === 'partial';
  const wishes = succeeded ? runWishes(source) : [];
  if (wishes.length === 0) return only(finished(source, command));
  const name = `run ${source.run.phase} ${source.run.startedAt}`;
  const stored = source.stored(name);
  if (!stored) return { events: [], effects: [{ kind: 'store', name, wishes }] };
  return only(finished(source, command, stored));
}

function finished(source: RunSource, command: Finish, stored?: StoredArtifacts): Event {
  const { outputs, problem } = runOutputs(source);
  const succeeded = command.status === 'succeeded' || command.status === 'partial';
  const wrong = stored?.ok === false ? stored.error.message : problem;
  if (wrong !== undefined && succeeded)
    return { type: 'run.finished', status: 'failed', reason: wrong, outputs };
  return {
    type: 'run.finished',
    status: command.status,
    ...(command.reason !== undefined && { reason: command.reason }),
    outputs,
    ...(stored?.ok && { artifacts: [...stored.value.notes.values()] }),
  };
}

/** Its files are stored first; the command comes again when that is done. */
function settled(source: RunSource, step: StepState, outcome: Outcome): Realized {
  const wishes = stepWishes(source, step, outcome);
  if (!wishes) return only(settleTask(source, step, outcome));
  if (!wishes.ok) return only(settleTask(source, step, outcome, wishes));
  const name = `${step.key} ${step.seq}`;
  const stored = source.stored(name);
  if (stored) return only(settleTask(source, step, outcome, stored));
  return { events: [], effects: [{ kind: 'store', name, wishes: wishes.value }] };
}

function closeBlock(source: RunSource, step: StepState, failure: Failure | undefined): Event {
  const end = { step: step.key, attempt: step.attempt };
  if (failure) return { type: 'step.failed', ...end, failure };
  // a loop's declared outputs are those of its iterations
  if (step.layer !== 'group') return { type: 'step.succeeded', ...end };
  // asked from inside the group, so that its own steps are in scope
  const inside = [...(step.body?.children.values() ?? [])].at(-1) ?? step;
  const outputs = declaredOutputs(step, () => scopeAt(source, inside));
  if (!outputs.ok) return { type: 'step.failed', ...end, failure: outputs.error };
  return settleBlock(source, step, outputs.value);
}

/** After a round of `repeat`: done, once more, or out of rounds. */
function nextRound(source: RunSource, loop: StepState): Event {
  const { repeat } = loop.step;
  if (!repeat) throw new Bug(`step ${loop.key} has no repeat`);
  const end = { step: loop.key, attempt: loop.attempt };
  const last = [...(loop.body?.children.values() ?? [])].at(-1);
  const value = last ? stepValue(source, last) : {};
  const done = () => settleBlock(source, loop, (value.outputs ?? {}) as JsonObject);
  if (repeat.until !== undefined) {
    const names = { ...((value.outputs as JsonObject) ?? {}), ...value } as { [name: string]: Json };
    const answer = evaluateCondition(repeat.until, scopeAt(source, last ?? loop, names));
    if (!answer.ok) return { type: 'step.failed', ...end, failure: answer.error };
    if (answer.value) return done();
  }
  if (loop.attempt < repeat.max) {
    return {
      type: 'step.retry_scheduled',
      step: loop.key,
      attempt: loop.attempt + 1,
      at: source.nowMs + repeat.delayMs,
    };
  }
  if (repeat.until === undefined) return done();
  return {
    type: 'step.failed',
    ...end,
    failure: {
      code: 'repeat_exhausted',
      retry: 'final',
      message: `\`until\` was still false after ${repeat.max} ${repeat.max === 1 ? 'round' : 'rounds'}: ${repeat.until}`,
      hint: 'raise `repeat.max` or `repeat.delay`',
    },
  };
}

/** Its end, or its next sleep. */
function wake(source: RunSource, step: StepState): Realized {
  const { key, attempt, sleepsSince = source.nowMs, deadlineAt } = step;
  const type = source.stepType(step.step.type);
  const sleep = { sinceMs: sleepsSince, ...(deadlineAt !== undefined && { deadlineMs: deadlineAt }) };
  const woken = type.woke?.(stepContext(source, step, attempt), sleep) ?? { ok: true };
  if ('ok' in woken) return settled(source, step, woken);
  return only({ type: 'step.sleeping', step: key, attempt, wake_at: woken.sleepUntilMs });
}

function signalOutcome(source: RunSource, step: StepState): Outcome {
  const type = source.stepType(step.step.type);
  const context = stepContext(source, step, step.attempt);
  const outcome = step.signal && type.signalled?.(context, step.signal.payload);
  if (!outcome) throw new Bug(`step type ${step.step.type} waits for a signal but does not take it`);
  return outcome;
}

const releasedEvent = ({ id, claim }: QuestionState): Event => ({
  type: 'question.released',
  question: id,
  by: claim?.by ?? '',
  why: 'expired',
});

const given = ({ approvals = [], by = '', answer = null }: QuestionState): readonly GivenAnswer[] => [
  ...approvals,
  { by, answer },
];

function answerOutcome(source: RunSource, question: QuestionState): Outcome {
  const { step } = question;
  const type = source.stepType(step.step.type);
  const context = stepContext(source, step, step.attempt);
  const outcome =
    question.status === 'answered'
      ? type.answered?.(context, question.answer ?? null, given(question))
      : type.expired?.(context);
  if (!outcome) throw new Bug(`step type ${step.step.type} asks but does not take an answer`);
  return outcome;
}

/** A process or a call is told to end and its end makes the event; what only sleeps or asks ends at once. */
function stop(source: RunSource, step: StepState, why: 'cancelled' | 'timeout'): Realized {
  if ((step.process || step.call || step.innerRun) && step.status === 'running')
    return { events: [], effects: [{ kind: 'stop', step, why }] };
  return only(settleTask(source, step, { ok: false, failure: stoppedFailure(step, why) }));
}

function timeOut(source: RunSource, step: StepState): Realized {
  if (step.layer !== 'task') return only({ type: 'step.stop_requested', step: step.key, why: 'timeout' });
  return stop(source, step, 'timeout');
}
