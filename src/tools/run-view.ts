/**
 * The run view: a run's state in the shape of the public surface. The only place that shapes it.
 * It holds everything but log tails whole; `fit-view` makes it fit an answer.
 */
import { isFinal } from '../engine/core/events.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { QuestionState, RunState, StepState } from '../engine/core/state.ts';
import { LOG_BYTES_MAX, LOGS_SHOWN_MAX, STEP_LOG_BYTES_MAX } from './answer-budget.ts';
import { artifactUri } from './artifact-uri.ts';
import { changesView, checkpointViews, rollbackWarnings, undoKind } from './checkpoint-view.ts';
import { iterationCounts } from './iteration-counts.ts';
import { nextCalls } from './next-calls.ts';
import { openQuestions } from './open-questions.ts';
import { type QuestionSight, questionView } from './question-view.ts';
import type { RollbackView } from './rollback-schema.ts';
import type { RunView, StepView } from './run-view-schema.ts';
import { type LogAccess, shownTail } from './shown-log.ts';
import { stepsInOrder } from './steps-in-order.ts';
import type { ResourceLink } from './tool.ts';
import { urgentSteps } from './urgent-steps.ts';

const FAILED_LOG_LINES = 20;
const ARTIFACT_LINKS_MAX = 10;

export interface ViewOptions extends QuestionSight {
  /** Where logs are read. */
  readonly logs: LogAccess;
  /** Show only this step (and what is inside it). */
  readonly step?: string;
  /** Tail of every shown step's log, in lines; absent: only of steps that failed. */
  readonly logLines?: number;
  /** All checkpoints, with what each does not hold. */
  readonly checkpoints?: boolean;
  readonly rollback?: RollbackView | undefined;
  /** Unfinished runs that do the work of its steps. */
  readonly inner?: readonly RunState[];
}

const reportUri = (runId: string): string => `belay://runs/${runId}/report`;

const iso = (ms: number): string => new Date(ms).toISOString();

export function runView(run: RunState, options: ViewOptions): RunView {
  const steps = shownSteps(run, options.step);
  const { logs, warnings } = stepLogs(run, steps, options);
  const { inner = [] } = options;
  const end = run.finishedAt ?? options.nowMs;
  return {
    run_id: run.runId,
    workflow: run.workflow.name,
    version: run.workflow.version,
    status: run.status,
    ...(run.reason !== undefined && { reason: run.reason }),
    created_at: iso(run.createdAt),
    ...(run.startedAt !== undefined && { started_at: iso(run.startedAt) }),
    ...(run.finishedAt !== undefined && { finished_at: iso(run.finishedAt) }),
    duration_ms: run.startedAt === undefined ? 0 : Math.max(0, end - run.startedAt),
    ...(run.parent && { parent: { run_id: run.parent.run, step: run.parent.step } }),
    ...(run.group !== undefined && { group: run.group }),
    ...(run.priority !== 0 && { priority: run.priority }),
    ...(run.deadlineAt !== undefined && { times_out_at: iso(run.deadlineAt) }),
    cwd: run.cwd,
    inputs: run.inputs,
    progress: { done: run.done, total: run.total },
    steps: steps.map((step) => stepView(run, step, logs.get(step), options)),
    questions: [
      ...shownQuestions(run, steps, options.step).map((each) => questionView(run, each, options)),
      ...inner.flatMap((each) => innerQuestions(each, options)),
    ],
    checkpoints: checkpointViews(run, options.checkpoints === true),
    outputs: run.outputs ?? {},
    artifacts: artifactViews(run),
    ...(options.rollback && { rollback: options.rollback }),
    ...(inner.length > 0 && { inner_runs: inner.map(innerRunView) }),
    warnings: [...warnings, ...steps.flatMap(stepWarnings), ...rollbackWarnings(run)],
    next: [...inner.flatMap(innerNext), ...nextCalls(run, options.rollback?.files_back === true)],
  } as RunView;
}

const artifactViews = (run: RunState): RunView['artifacts'] =>
  [...run.artifacts.values()].map(({ note, step }) => {
    const { name, path, sha256, size, media_type, tags, files } = note;
    return {
      name,
      uri: artifactUri(run.runId, name),
      size,
      sha256,
      media_type,
      path,
      ...(step !== undefined && { step }),
      ...(tags && { tags: [...tags] }),
      ...(files !== undefined && { files }),
    };
  });

function shownSteps(run: RunState, only: string | undefined): readonly StepState[] {
  if (only !== undefined) {
    const step = run.byKey.get(only);
    return step ? [step, ...(step.body ? stepsInOrder(step.body) : [])] : [];
  }
  return [...stepsInOrder(run.steps), ...undoSteps(run), ...(run.cleanup ? stepsInOrder(run.cleanup) : [])];
}

/** Of the last rollback, those that ran. */
function undoSteps(run: RunState): readonly StepState[] {
  const items = (run.unwind ?? run.unwound)?.items ?? [];
  return items.flatMap((item) =>
    item.kind !== 'restore' && item.body
      ? stepsInOrder(item.body).filter(({ status }) => status !== 'pending')
      : [],
  );
}

const stepWarnings = (step: StepState): readonly string[] =>
  (step.warnings ?? []).map((warning) => `step \`${step.key}\`: ${warning}`);

function stepView(
  run: RunState,
  step: StepState,
  log: string | undefined,
  { nowMs, step: only }: ViewOptions,
): StepView {
  const { failure } = step;
  const undo = undoKind(run, step);
  const iterations = iterationCounts(step);
  const end = step.finishedAt ?? nowMs;
  return {
    id: step.key,
    type: step.layer === 'task' ? step.step.type : step.layer,
    status: step.status,
    attempts: step.attempt,
    ...(step.exitCode !== undefined && { exit_code: step.exitCode }),
    ...(step.startedAt !== undefined && { duration_ms: Math.max(0, end - step.startedAt) }),
    ...(failure && {
      error: {
        code: failure.code,
        message: failure.message,
        ...(failure.hint !== undefined && { hint: failure.hint }),
        ...(failure.data && { data: failure.data as never }),
      },
    }),
    ...(step.reason !== undefined && { reason: step.reason }),
    ...(step.outputs && { outputs: step.outputs as never }),
    ...(step.cached && {
      cached: true,
      cached_from: { run_id: step.cached.run, step: step.cached.step },
    }),
    ...(log !== undefined && { log }),
    ...(iterations && { iterations }),
    ...(step.changes && { changes: changesView(step.changes, only !== undefined) }),
    ...(undo && { undo }),
    ...(step.innerRun && { run_id: step.innerRun.id }),
    ...(step.retryAt !== undefined && { retry_at: iso(step.retryAt) }),
    ...(step.wakeAt !== undefined && isUnderWay(step) && { wakes_at: iso(step.wakeAt) }),
    ...(step.awaits !== undefined && { signal: step.awaits }),
  };
}

const isUnderWay = ({ status }: StepState): boolean => status === 'running' || status === 'waiting';

/** Log tails are read only for as many steps as are shown with one. */
function stepLogs(
  run: RunState,
  steps: readonly StepState[],
  { logs: access, logLines, step: only }: ViewOptions,
) {
  const wanted = steps
    .filter((step) => (step.process || step.call) && (logLines !== undefined || step.failure))
    .map((step) => ({ id: step.key, status: step.status, step }));
  const shown = urgentSteps(wanted, LOGS_SHOWN_MAX);
  const query = {
    tailLines: logLines ?? FAILED_LOG_LINES,
    bytesMax: only === undefined ? LOG_BYTES_MAX : STEP_LOG_BYTES_MAX,
  };
  const logs = new Map<StepState, string>();
  for (const { step } of shown)
    if (step.seq !== undefined) logs.set(step, shownTail(access, run, step, query));
  const left = wanted.length - shown.length;
  const warning = `the logs of ${left} of ${wanted.length} steps are not shown; ask for one by \`step\``;
  return { logs, warnings: left > 0 ? [warning] : [] };
}

/** Those of a step that was asked for come first: not all of them may be shown. */
function shownQuestions(
  run: RunState,
  steps: readonly StepState[],
  only: string | undefined,
): readonly QuestionState[] {
  const open = openQuestions(run);
  if (only === undefined) return open;
  const inside = new Set(steps);
  return [...open.filter(({ step }) => inside.has(step)), ...open.filter(({ step }) => !inside.has(step))];
}

const innerQuestions = (run: RunState, sight: QuestionSight): RunView['questions'] =>
  openQuestions(run).map((question) => ({ run_id: run.runId, ...questionView(run, question, sight) }));

const innerRunView = ({ runId, parent, workflow, status, reason }: RunState) => ({
  run_id: runId,
  step: parent?.step ?? '',
  workflow: workflow.name,
  status,
  ...(reason !== undefined && { reason }),
});

/** What an inner run needs somebody's word for. */
const innerNext = (run: RunState): RunView['next'] =>
  run.status === 'waiting' || run.status === 'paused' ? nextCalls(run) : [];

/**
 * The whole log of each step whose tail is shown, artifacts, the report of a run that has finished, and what a person
 * does to take the run back.
 */
export function viewLinks(view: RunView): readonly ResourceLink[] {
  const logs = view.steps
    .filter((step) => step.log !== undefined)
    .map((step) => ({
      uri: `belay://runs/${view.run_id}/steps/${encodeURIComponent(step.id)}/log`,
      name: `log of ${step.id}`,
      mimeType: 'text/plain',
    }));
  const artifacts = view.artifacts
    .slice(0, ARTIFACT_LINKS_MAX)
    .map(({ uri, name, media_type }) => ({ uri, name, mimeType: media_type }));
  const markdown = (uri: string, name: string) => ({ uri, name, mimeType: 'text/markdown' });
  const instructions = view.rollback?.instructions;
  return [
    ...logs,
    ...artifacts,
    ...(isFinal(view.status) && !view.dry_run ? [markdown(reportUri(view.run_id), 'report')] : []),
    ...(instructions === undefined ? [] : [markdown(instructions, 'how to take the run back')]),
  ];
}

export const viewJson = (view: RunView): JsonObject => view as unknown as JsonObject;
