/**
 * What the last events changed in the projections, in the shape of the `Journal` port.
 * Reads the touched sets of the state and empties them: each change is projected once.
 */
import { groupChange } from './concurrency-group.ts';
import type { RunStatus } from './events.ts';
import { isFinal } from './events.ts';
import type { ProjectionChange, QuestionRow, StepRow } from './ports.ts';
import type { QuestionState, RunState, StepState } from './state.ts';

function stepRow(step: StepState): StepRow {
  return {
    key: step.key,
    type: step.layer === 'task' ? step.step.type : step.layer,
    status: step.status,
    attempts: step.attempt,
    ...(step.startedAt !== undefined && { startedAt: step.startedAt }),
    ...(step.finishedAt !== undefined && { finishedAt: step.finishedAt }),
    ...(step.exitCode !== undefined && { exitCode: step.exitCode }),
    ...(step.failure && { error: step.failure.code }),
  };
}

function questionRow(question: QuestionState): QuestionRow {
  return {
    question: question.id,
    step: question.step.key,
    status: question.status,
    ...(question.expiresAt !== undefined && { expiresAt: question.expiresAt }),
  };
}

/**
 * Steps that have not begun are not touched: a run of 10,000 pending steps writes none of them.
 * Only a run that can move by itself has a next timer.
 */
export function takeProjection(run: RunState): ProjectionChange {
  const steps = [...run.touched].map(stepRow);
  const questions = [...run.touchedQuestions].map(questionRow);
  const artifacts = [...run.touchedArtifacts];
  const group = groupChange(run);
  forgetTouched(run);
  return {
    status: run.status,
    done: run.done,
    total: run.total,
    steps,
    questions,
    ...(artifacts.length > 0 && { artifacts }),
    ...(group && { group }),
    ...(run.reason !== undefined && { reason: run.reason }),
    ...(run.startedAt !== undefined && { startedAt: run.startedAt }),
    ...(run.finishedAt !== undefined && { finishedAt: run.finishedAt }),
    ...(!isResting(run.status) && run.timers.next !== undefined && { nextTimerAt: run.timers.next }),
  };
}

const isResting = (status: RunStatus): boolean => isFinal(status) || status === 'paused';

/** After a replay: everything is in the projections already. */
export function forgetTouched(run: RunState): void {
  run.touched.clear();
  run.touchedQuestions.clear();
  run.touchedArtifacts.length = 0;
}
