/**
 * A task in the shape of the extension `io.modelcontextprotocol/tasks`. It is `input_required` while this caller can be
 * shown a form of the run, and `completed` when the call would have answered: at the run's end, or where it rests on
 * a word of this caller that no form can give (a pause, a question for an agent). Whoever else is waited for, it works.
 */
import { type CallToolResult, inputRequired } from '@modelcontextprotocol/server';
import type { RunState } from '../../engine/core/state.ts';
import { STRUCTURED_BYTES_MAX } from '../../tools/answer-budget.ts';
import { done } from '../../tools/answers.ts';
import { fitView } from '../../tools/fit-view.ts';
import { showRun } from '../../tools/follow-run.ts';
import { innerRuns } from '../../tools/inner-runs.ts';
import { isAtRest } from '../../tools/is-at-rest.ts';
import { openQuestions } from '../../tools/open-questions.ts';
import { isFor } from '../../tools/question-rules.ts';
import { humanAsks } from '../../tools/questions.ts';
import { runText } from '../../tools/run-text.ts';
import { runView, viewJson, viewLinks } from '../../tools/run-view.ts';
import type { FormAsk, ToolContext } from '../../tools/tool.ts';
import { callResult } from '../answer.ts';
import { fitsForm, formOf } from '../ask.ts';
import type { AnswerMeta } from '../view/view-meta.ts';
import type { RunTask } from './run-task.ts';

/** A run tells subscribers at once; who polls need not look more often. */
const POLL_INTERVAL_MS = 1_000;
/** As the answer of `workflow_execute` with commands shows them. */
const COMMAND_LOG_LINES = 50;

export interface TaskFields {
  readonly taskId: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** Runs are kept. */
  readonly ttlMs: null;
  readonly pollIntervalMs: number;
}

export type DetailedTask = TaskFields & {
  readonly statusMessage?: string;
} & (
    | { readonly status: 'working' | 'cancelled' }
    | { readonly status: 'completed'; readonly result: CallToolResult & { readonly resultType: 'complete' } }
    | { readonly status: 'failed'; readonly error: { readonly code: number; readonly message: string } }
    | { readonly status: 'input_required'; readonly inputRequests: { readonly [key: string]: object } }
  );

/** A form of the run or of a run inside it, under a key that is never used again. */
export interface TaskAsk {
  readonly key: string;
  readonly runId: string;
  readonly ask: FormAsk;
}

export function taskFields(taskId: string, { createdAt, updatedAt }: RunTask): TaskFields {
  const [created, updated] = [createdAt, updatedAt].map((ms) => new Date(ms).toISOString());
  return {
    taskId,
    createdAt: created as string,
    lastUpdatedAt: updated as string,
    ttlMs: null,
    pollIntervalMs: POLL_INTERVAL_MS,
  };
}

/** @param asks what this caller can be asked now
 * @param meta goes with the answer of the call */
export async function detailedTask(
  context: ToolContext,
  taskId: string,
  task: RunTask,
  { asks, meta }: { readonly asks: readonly TaskAsk[]; readonly meta: AnswerMeta | undefined },
): Promise<DetailedTask> {
  const { run, isOver } = task;
  const fields = { ...taskFields(taskId, task), statusMessage: messageOf(run, asks) };
  if (isOver && run.status === 'cancelled') return { ...fields, status: 'cancelled' };
  if (!isOver && asks.length > 0)
    return { ...fields, status: 'input_required', inputRequests: requestsOf(asks) };
  if (!isOver && !restsOnCaller(context, run)) return { ...fields, status: 'working' };
  const result = { resultType: 'complete', ...(await resultOf(context, task, meta)) } as const;
  return { ...fields, status: 'completed', result };
}

/** Forms that the caller can be shown, of the run and of those that do the work of its steps. */
export function taskAsks(context: ToolContext, { run, isOver }: RunTask): readonly TaskAsk[] {
  if (isOver || !context.canAsk) return [];
  return [run, ...innerRuns(context.belay.journal, run)].flatMap((each) =>
    humanAsks(context, each)
      .filter(fitsForm)
      .map((ask) => ({ key: `${each.runId}/${ask.id}`, runId: each.runId, ask })),
  );
}

/** It waits for a word that only the model can give, or a person in another way than a form here. */
function restsOnCaller(context: ToolContext, run: RunState): boolean {
  const { journal } = context.belay;
  if (!isAtRest(journal, run)) return false;
  const either = { ...context, human: true };
  return [run, ...innerRuns(journal, run)].some(
    (each) =>
      each.status === 'paused' || openQuestions(each).some((question) => isFor(either, each, question)),
  );
}

const requestsOf = (asks: readonly TaskAsk[]) =>
  Object.fromEntries(asks.map(({ key, ask }) => [key, inputRequired.elicit(formOf(ask))]));

function messageOf({ status, reason, done: count, total }: RunState, asks: readonly TaskAsk[]): string {
  const [first] = asks;
  if (first) return first.ask.message;
  const head = `run ${status.replaceAll('_', ' ')}, ${count} of ${total} steps done`;
  return reason === undefined ? head : `${head}: ${reason}`;
}

/** What the call would have answered. */
async function resultOf(
  context: ToolContext,
  { run, isLatest }: RunTask,
  meta: AnswerMeta | undefined,
): Promise<CallToolResult> {
  const logLines = run.source === 'commands' ? COMMAND_LOG_LINES : undefined;
  if (isLatest) {
    const shown = await showRun(context, run.runId, {
      waitSeconds: 0,
      ...(logLines !== undefined && { logLines }),
    });
    if (shown.kind !== 'ask') return callResult(shown, meta);
  }
  const view = runView(run, {
    logs: context.belay,
    nowMs: context.belay.clock.now(),
    ...(logLines !== undefined && { logLines }),
  });
  const fitted = fitView(view, STRUCTURED_BYTES_MAX);
  return callResult(done(viewJson(fitted), runText(fitted), viewLinks(fitted)), meta);
}
