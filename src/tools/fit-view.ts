/**
 * Makes a run view fit an answer: the most urgent rows, and values cut as far as the budget demands.
 * Owns what is cut first; the bounds are `answer-budget`'s. Whatever is left out is named in a warning.
 */
import type { JsonObject } from '../engine/core/model.ts';
import {
  type Bounds,
  cutLog,
  cutObject,
  cutText,
  jsonBytes,
  NEXT_SHOWN_MAX,
  PROMPT_BYTES_MAX,
  QUESTIONS_SHOWN_MAX,
  WARNINGS_SHOWN_MAX,
  withinBudget,
} from './answer-budget.ts';
import { cutChanges, cutCheckpoints, cutRollback } from './fit-rollback.ts';
import type { RunView, StepView } from './run-view-schema.ts';
import { urgentSteps } from './urgent-steps.ts';

type Question = RunView['questions'][number];
type PlannedStep = NonNullable<RunView['plan']>[number];

/** The run's own values when one step was asked for: they make room for the step's. */
const RUN_VALUE_BYTES_MAX = 1024;
/** A question without its prompt and schema cannot be answered: these are cut last. */
const PROMPT_BYTES_MIN = 256;
const SCHEMA_BYTES_MIN = 1024;

/** @param step the one that was asked for; its values are kept whole before those of the run */
export function fitView(view: RunView, bytesMax: number, step?: string): RunView {
  return withinBudget(bytesMax, (bounds) => cutView(view, bounds, step), jsonBytes);
}

function cutView(view: RunView, bounds: Bounds, step: string | undefined): RunView {
  const { valueBytes, rows, events } = bounds;
  const runBytes = step === undefined ? valueBytes : Math.min(valueBytes, RUN_VALUE_BYTES_MAX);
  const resource = view.dry_run ? 'too long to show' : `whole in belay://runs/${view.run_id}`;
  const whole = step === undefined && !view.dry_run ? 'ask with `step`' : resource;
  const steps = urgentSteps(view.steps, rows);
  const questions = view.questions.slice(0, QUESTIONS_SHOWN_MAX);
  const artifacts = view.artifacts.slice(0, rows);
  const plan = view.plan?.slice(0, rows);
  const notes = [
    ...notShown(view.steps.length - steps.length, 'steps', whole),
    ...notShown(view.questions.length - questions.length, 'open questions', whole),
    ...notShown(
      view.artifacts.length - artifacts.length,
      'artifacts',
      `\`belay artifacts ${view.run_id}\` lists all`,
    ),
    ...notShown(view.checkpoints.length - Math.min(rows, view.checkpoints.length), 'checkpoints', whole),
  ];
  return {
    ...view,
    ...(view.reason !== undefined && { reason: cutText(view.reason, runBytes, resource) }),
    inputs: cutObject(view.inputs as JsonObject, runBytes, resource) as RunView['inputs'],
    outputs: cutObject(view.outputs as JsonObject, runBytes, resource) as RunView['outputs'],
    steps: steps.map((each) => cutStep(each, bounds, whole)),
    checkpoints: cutCheckpoints(view.checkpoints, bounds),
    artifacts: artifacts.map((each) => ({ ...each, path: cutText(each.path, valueBytes, resource) })),
    ...(view.rollback && { rollback: cutRollback(view.rollback, bounds, resource) }),
    questions: questions.map((each) => cutQuestion(each, valueBytes, whole)),
    warnings: [...notes, ...cutWarnings(view.warnings, valueBytes, whole)],
    next: view.next.slice(0, NEXT_SHOWN_MAX),
    ...(plan && { plan: plan.map((each) => cutPlanned(each, valueBytes, whole)) }),
    ...(view.events && {
      // of a long story the end says where the run stands
      events: view.events
        .slice(-events)
        .map((each) => cutObject(each as JsonObject, valueBytes, whole)) as RunView['events'] & object,
    }),
  };
}

const notShown = (count: number, what: string, how: string): readonly string[] =>
  count > 0 ? [`${count} ${what} are not shown, ${how}`] : [];

function cutWarnings(warnings: readonly string[], valueBytes: number, whole: string): readonly string[] {
  const shown = warnings.slice(0, WARNINGS_SHOWN_MAX);
  return [
    ...shown.map((warning) => cutText(warning, valueBytes, whole)),
    ...notShown(warnings.length - shown.length, 'warnings', whole),
  ];
}

function cutStep(step: StepView, bounds: Bounds, whole: string): StepView {
  const { error, reason, outputs, log, changes } = step;
  const { valueBytes } = bounds;
  return {
    ...step,
    ...(error && { error: cutError(error, valueBytes, whole) }),
    ...(reason !== undefined && { reason: cutText(reason, valueBytes, whole) }),
    ...(outputs && { outputs: cutObject(outputs as JsonObject, valueBytes, whole) as never }),
    ...(log !== undefined && { log: cutLog(log, valueBytes, whole) }),
    ...(changes && { changes: cutChanges(changes, bounds) }),
  };
}

function cutError(error: NonNullable<StepView['error']>, valueBytes: number, whole: string) {
  return {
    ...error,
    message: cutText(error.message, valueBytes, whole),
    ...(error.hint !== undefined && { hint: cutText(error.hint, valueBytes, whole) }),
    ...(error.data && { data: cutObject(error.data as JsonObject, valueBytes, whole) as never }),
  };
}

function cutQuestion(question: Question, valueBytes: number, whole: string): Question {
  const promptBytes = Math.min(PROMPT_BYTES_MAX, Math.max(PROMPT_BYTES_MIN, valueBytes));
  const schemaBytes = jsonBytes(question.schema);
  const isLong = schemaBytes > Math.max(SCHEMA_BYTES_MIN, valueBytes);
  return {
    ...question,
    prompt: cutText(question.prompt, promptBytes, whole),
    ...(question.context !== undefined && { context: cutText(question.context, valueBytes, whole) }),
    ...(isLong && { schema: { description: `… ${schemaBytes} bytes, ${whole}` } }),
  };
}

function cutPlanned(planned: PlannedStep, valueBytes: number, whole: string): PlannedStep {
  const { command, does, unknown, undo_command, irreversible } = planned;
  return {
    ...planned,
    does: cutText(does, valueBytes, whole),
    ...(command !== undefined && { command: cutText(command, valueBytes, whole) }),
    ...(unknown !== undefined && { unknown: cutText(unknown, valueBytes, whole) }),
    ...(undo_command !== undefined && { undo_command: cutText(undo_command, valueBytes, whole) }),
    ...(irreversible !== undefined && { irreversible: cutText(irreversible, valueBytes, whole) }),
  };
}
