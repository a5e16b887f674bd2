/**
 * The run view: a run's state in the shape of the public surface. The only place that shapes it.
 */

import { isFinal } from '../engine/core/events.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { Frame, QuestionState, RunState, StepState } from '../engine/core/state.ts';
import { readStepLog } from '../engine/host/process/step-log.ts';
import type { RunView, StepView } from './run-view-schema.ts';
import type { ResourceLink } from './tool.ts';

/** Step rows in one view; a larger run is summed up by its blocks. */
const STEPS_SHOWN_MAX = 500;
const FAILED_LOG_LINES = 20;
const LOG_BYTES_MAX = 16 * 1024;

export interface ViewOptions {
  readonly home: string;
  readonly nowMs: number;
  /** Show only this step (and what is inside it). */
  readonly step?: string;
  /** Tail of every shown step's log, in lines; absent: only of steps that failed. */
  readonly logLines?: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

export function runView(run: RunState, options: ViewOptions): RunView {
  const steps = shownSteps(run, options.step);
  const shown = steps.slice(0, STEPS_SHOWN_MAX);
  const warnings = [...run.byKey.values()].flatMap((step) =>
    (step.warnings ?? []).map((warning) => `step \`${step.key}\`: ${warning}`),
  );
  if (shown.length < steps.length) {
    warnings.push(
      `${steps.length - shown.length} of ${steps.length} steps are not shown; ask for one by \`step\``,
    );
  }
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
    cwd: run.cwd,
    inputs: run.inputs,
    progress: { done: run.done, total: run.total },
    steps: shown.map((step) => stepView(run, step, options)),
    questions: openQuestions(run).map((question) => questionView(run, question)),
    checkpoints: [],
    outputs: run.outputs ?? {},
    artifacts: [],
    warnings,
    next: nextCalls(run),
  } as RunView;
}

/** In the order of the definition, blocks before what is inside them. */
function shownSteps(run: RunState, only: string | undefined): readonly StepState[] {
  if (only !== undefined) {
    const step = run.byKey.get(only);
    return step ? [step, ...(step.body ? stepsOf(step.body) : [])] : [];
  }
  return [...stepsOf(run.steps), ...(run.cleanup ? stepsOf(run.cleanup) : [])];
}

function stepsOf(frame: Frame): readonly StepState[] {
  return [...frame.children.values()].flatMap((step) => [step, ...(step.body ? stepsOf(step.body) : [])]);
}

function stepView(run: RunState, step: StepState, options: ViewOptions): StepView {
  const { failure } = step;
  const log = stepLog(run, step, options);
  const end = step.finishedAt ?? options.nowMs;
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
    ...(log !== undefined && { log }),
    ...(step.retryAt !== undefined && { retry_at: iso(step.retryAt) }),
    ...(step.wakeAt !== undefined && step.status === 'running' && { wakes_at: iso(step.wakeAt) }),
  };
}

function stepLog(run: RunState, step: StepState, options: ViewOptions): string | undefined {
  if (!step.process || step.seq === undefined) return undefined;
  const wanted = options.logLines ?? (step.failure ? FAILED_LOG_LINES : undefined);
  if (wanted === undefined) return undefined;
  const attempt = { runId: run.runId, seq: step.seq };
  return readStepLog(options.home, attempt, { tailLines: wanted, bytesMax: LOG_BYTES_MAX }).text;
}

export const openQuestions = (run: RunState): readonly QuestionState[] =>
  [...run.questions.values()].filter((question) => question.status === 'open');

function questionView(run: RunState, question: QuestionState): RunView['questions'][number] {
  const forHuman = `a person answers it: in the client's form, or on a terminal with \`belay answer ${run.runId} ${question.id}\``;
  return {
    question_id: question.id,
    kind: question.kind,
    step: question.step.key,
    prompt: question.prompt,
    schema: question.schema as never,
    asked_of: question.askedOf,
    ...(question.expiresAt !== undefined && { expires_at: iso(question.expiresAt) }),
    how_to_answer:
      question.askedOf === 'human' ? forHuman : 'call workflow_answer with an `answer` that fits the schema',
  };
}

function nextCalls(run: RunState): RunView['next'] {
  const run_id = run.runId;
  const status = { tool: 'workflow_status', arguments: { run_id, wait_seconds: 20 } };
  switch (run.status) {
    case 'queued':
    case 'running':
      return [
        { ...status, why: 'wait for the run to move on' },
        { tool: 'workflow_cancel', arguments: { run_id }, why: 'stop it' },
      ];
    case 'waiting':
      return waitingCalls(run);
    case 'paused':
      return [
        {
          tool: 'workflow_resume',
          arguments: { run_id },
          why: `go on (paused: ${run.reason ?? 'asked for'})`,
        },
      ];
    case 'failed':
    case 'cancelled':
      return [
        { tool: 'workflow_status', arguments: { run_id, include: ['log'] }, why: 'read the logs' },
        {
          tool: 'workflow_resume',
          arguments: { run_id },
          why: 'run again what did not succeed, keeping what did',
        },
      ];
    default:
      return [];
  }
}

function waitingCalls(run: RunState): RunView['next'] {
  const run_id = run.runId;
  return openQuestions(run).map((question) =>
    question.askedOf === 'agent'
      ? {
          tool: 'workflow_answer',
          arguments: { run_id, question_id: question.id },
          why: `answer: ${question.prompt}`,
        }
      : {
          tool: 'workflow_status',
          arguments: { run_id, wait_seconds: 20 },
          why: `a person has to answer \`${question.id}\` (belay answer ${run_id} ${question.id}); wait for it`,
        },
  );
}

/** A few lines for a model: where the run stands and what failed. */
export function runText(view: RunView): string {
  const lines = [
    `run ${view.run_id} of ${view.workflow}: ${view.status}${view.reason ? ` (${view.reason})` : ''}, ${view.progress.done}/${view.progress.total} steps done`,
  ];
  for (const step of view.steps) {
    if (step.error)
      lines.push(
        `step ${step.id} ${step.status}: ${step.error.message}${step.log ? `\n${indent(step.log)}` : ''}`,
      );
    else if (step.log !== undefined && step.log !== '')
      lines.push(`step ${step.id} ${step.status}:\n${indent(step.log)}`);
  }
  for (const question of view.questions)
    lines.push(`question ${question.question_id}: ${question.prompt} — ${question.how_to_answer}`);
  if (Object.keys(view.outputs).length > 0) lines.push(`outputs: ${JSON.stringify(view.outputs)}`);
  for (const warning of view.warnings) lines.push(`warning: ${warning}`);
  for (const call of view.next)
    lines.push(`next: ${call.tool} ${JSON.stringify(call.arguments)} — ${call.why}`);
  return lines.join('\n');
}

const indent = (text: string): string => text.trimEnd().replace(/^/gm, '  ');

/** The whole log of each step whose tail is shown. */
export function logLinks(view: RunView): readonly ResourceLink[] {
  return view.steps
    .filter((step) => step.log !== undefined)
    .map((step) => ({
      uri: `belay://runs/${view.run_id}/steps/${encodeURIComponent(step.id)}/log`,
      name: `log of ${step.id}`,
      mimeType: 'text/plain',
    }));
}

/** Nothing more happens without somebody's word. */
export const isAtRest = (run: RunState): boolean =>
  isFinal(run.status) ||
  run.status === 'paused' ||
  (run.status === 'waiting' && run.running.size === 0 && run.ready.size === 0);

export const viewJson = (view: RunView): JsonObject => view as unknown as JsonObject;
