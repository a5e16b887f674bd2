/** Waiting for a run and showing it; open questions go to the person behind the client where there is one. */
import type { JsonObject } from '../engine/core/model.ts';
import type { RunState } from '../engine/core/state.ts';
import { abandonedRollback } from './abandoned-rollback.ts';
import { jsonBytes, STRUCTURED_BYTES_MAX } from './answer-budget.ts';
import { done, failed, unknownRun } from './answers.ts';
import { fitView } from './fit-view.ts';
import { groupWait } from './group-wait.ts';
import { innerRuns, innerWait } from './inner-runs.ts';
import { isFor } from './question-rules.ts';
import { humanAsks, takeResponse } from './questions.ts';
import { undoWarnings } from './rescue-files.ts';
import { rollbackView } from './rollback-view.ts';
import { runText } from './run-text.ts';
import { runView, viewJson, viewLinks } from './run-view.ts';
import type { RunView } from './run-view-schema.ts';
import { hostProblem } from './storage-problem.ts';
import { strandedRun } from './stranded-run.ts';
import type { FormResponse, ToolAnswer, ToolContext, ToolResult } from './tool.ts';
import { waitForRun } from './wait-for-run.ts';

export interface ShowOptions {
  readonly waitSeconds: number;
  /** The tool can go on after forms: a person may be asked. */
  readonly asks?: boolean;
  readonly warnings?: readonly string[];
  readonly more?: Partial<RunView>;
  readonly step?: string;
  readonly logLines?: number;
  readonly checkpoints?: boolean;
  /** More of the answer than the view; bounded already. */
  readonly besides?: JsonObject;
}

/** Waits, then answers with the run view, or asks the person what the run waits for. */
export async function showRun(
  context: ToolContext,
  runId: string,
  options: ShowOptions,
): Promise<ToolAnswer> {
  const waited = await waitForRun(context, runId, options.waitSeconds);
  if (!waited.ok) {
    if (waited.error.code === 'unknown_run') return unknownRun(context.belay, runId);
    return failed({
      code: 'corrupt',
      message: waited.error.message,
      hint: '`belay doctor` says what is affected',
    });
  }
  const run = waited.value;
  const view = await shown(context, run, options);
  const asks = options.asks && options.waitSeconds > 0 ? humanAsks(context, run) : [];
  if (run.status !== 'waiting' || asks.length === 0) return view;
  return { kind: 'ask', asks, state: { run_id: runId }, otherwise: view };
}

async function shown(context: ToolContext, run: RunState, options: ShowOptions): Promise<ToolResult> {
  const { besides = {} } = options;
  const { journal } = context.belay;
  const inner = innerRuns(journal, run);
  const view = runView(run, {
    logs: context.belay,
    nowMs: context.belay.clock.now(),
    mayAnswer: (of, question) => isFor(context, of, question),
    ...(options.step !== undefined && { step: options.step }),
    ...(options.logLines !== undefined && { logLines: options.logLines }),
    checkpoints: options.checkpoints === true,
    inner,
    rollback: await rollbackView(context.belay, run),
  });
  const whole = {
    ...view,
    ...innerWait(journal, run, inner),
    ...strandedRun(context.belay, run),
    ...groupWait(journal, run),
    ...abandonedRollback(context.belay, run),
    ...options.more,
    warnings: [...(options.warnings ?? []), ...undoWarnings(context.belay, run), ...view.warnings],
  };
  const fitted = fitView(whole, STRUCTURED_BYTES_MAX - jsonBytes(besides), options.step);
  // the text is cut by itself, so that nothing in it is cut twice
  const text = runText({ ...whole, warnings: fitted.warnings, next: fitted.next });
  return done({ ...viewJson(fitted), ...besides }, text, viewLinks(fitted));
}

/**
 * After forms: records what was said and goes on waiting. What could not be recorded takes nothing else with it.
 * A form that was not filled in, or not as it should be, is not shown again.
 */
export async function continueRun(
  context: ToolContext,
  runId: string,
  responses: { readonly [ask: string]: FormResponse },
  waitSeconds: number,
): Promise<ToolAnswer> {
  const problem = hostProblem(context.belay, 'the answers were not recorded');
  if (problem) return problem;
  const now = await waitForRun(context, runId, 0);
  if (!now.ok) return showRun(context, runId, { waitSeconds: 0 });
  let left = false;
  const warnings: string[] = [];
  for (const [id, response] of Object.entries(responses)) {
    const refused = takeResponse(context, now.value, id, response);
    if (refused?.kind === 'error' && refused.error.code === 'storage') return refused;
    if (refused?.kind === 'error') warnings.push(refused.error.message);
    left ||= response.action !== 'accept' && now.value.questions.get(id)?.kind !== 'approval';
    left ||= response.action === 'cancel';
  }
  const answer = await showRun(context, runId, { waitSeconds, asks: true, warnings });
  return answer.kind === 'ask' && (left || warnings.length > 0) ? answer.otherwise : answer;
}
