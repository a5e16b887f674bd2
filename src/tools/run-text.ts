/** A run view in a few lines for a model: where the run stands, what failed, what to do next. */

import { bytesText } from '../engine/core/bytes-text.ts';
import type { JsonObject } from '../engine/core/model.ts';
import { type Bounds, cutLog, cutObject, cutText, TEXT_BYTES_MAX, withinBudget } from './answer-budget.ts';
import type { RunView, StepView } from './run-view-schema.ts';
import { urgentSteps } from './urgent-steps.ts';
import { visiblePath } from './visible-path.ts';

const WHOLE = 'ask with `step`';
const ARTIFACTS_SHOWN_MAX = 10;

export const runText = (view: RunView): string =>
  withinBudget(TEXT_BYTES_MAX, (bounds) => textOf(view, bounds), Buffer.byteLength);

function textOf(view: RunView, { valueBytes, rows }: Bounds): string {
  const cut = (text: string) => cutText(text, valueBytes, WHOLE);
  const told = view.steps.filter((step) => step.error || step.log);
  const shown = urgentSteps(told, rows);
  const left = told.length - shown.length;
  const outputs = cutObject(view.outputs as JsonObject, valueBytes, WHOLE);
  return [
    headLine(view, cut),
    ...shown.map((step) => stepLines(step, valueBytes)),
    ...(left > 0 ? [`${left} more steps have an error or a log, ${WHOLE}`] : []),
    ...(view.rollback ? rollbackLines(view.rollback, cut, rows) : []),
    ...view.questions
      .slice(0, rows)
      .map((each) => `question ${each.question_id}: ${cut(each.prompt)} — ${each.how_to_answer}`),
    ...(Object.keys(outputs).length > 0 ? [`outputs: ${JSON.stringify(outputs)}`] : []),
    ...artifactLines(view, Math.min(rows, ARTIFACTS_SHOWN_MAX)),
    ...view.warnings.slice(0, rows).map((warning) => `warning: ${cut(warning)}`),
    ...view.next.map((call) => `next: ${call.tool} ${JSON.stringify(call.arguments)} — ${call.why}`),
  ].join('\n');
}

function artifactLines({ run_id, artifacts }: RunView, rows: number): readonly string[] {
  if (artifacts.length === 0) return [];
  const shown = artifacts.slice(0, rows).map(({ name, size }) => `${name} (${bytesText(size)})`);
  const left = artifacts.length - shown.length;
  return [
    `artifacts: ${shown.join(', ')}${left > 0 ? `, and ${left} more` : ''}; resources belay://runs/${run_id}/artifacts/{name}`,
  ];
}

function rollbackLines(
  rollback: NonNullable<RunView['rollback']>,
  cut: (text: string) => string,
  rows: number,
): readonly string[] {
  const { strategy, status, items, files, problems, conflicts, left } = rollback;
  const back = files
    ? `; files: ${files.created} created, ${files.changed} changed, ${files.deleted} deleted${files.kept > 0 ? `, ${files.kept} kept` : ''}`
    : '';
  return [
    `rollback (${strategy}) ${status}: ${items.done} of ${items.total} taken back, ${items.failed} failed, ${left.length} stay${back}${rollback.files_back ? '; its files are back to what they were before it' : ''}`,
    ...(conflicts && conflicts.count > 0
      ? [
          `${conflicts.count} files were changed by others: ${conflicts.shown
            .slice(0, rows)
            .map(({ path }) => cut(visiblePath(path)))
            .join(', ')}`,
        ]
      : []),
    ...problems
      .slice(0, rows)
      .map(
        ({ step, checkpoint, message, instruction }) =>
          `not taken back: ${step ?? `checkpoint ${checkpoint}`}: ${cut(message)}; ${instruction}`,
      ),
  ];
}

function headLine(view: RunView, cut: (text: string) => string): string {
  const { run_id, workflow, status, progress } = view;
  const reason = view.reason === undefined ? '' : ` (${cut(view.reason)})`;
  const again = view.existing ? '; this is an earlier run with the same idempotency key' : '';
  return `run ${run_id} of ${workflow}: ${status}${reason}, ${progress.done}/${progress.total} steps done${again}`;
}

function stepLines({ id, status, error, log }: StepView, valueBytes: number): string {
  const head = error
    ? `step ${id} ${status}: ${cutText(error.message, valueBytes, WHOLE)}`
    : `step ${id} ${status}:`;
  return log ? `${head}\n${indent(cutLog(log, valueBytes, WHOLE))}` : head;
}

const indent = (text: string): string => text.trimEnd().replace(/^/gm, '  ');
