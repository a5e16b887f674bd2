/** The run view for people: the outcome in a few lines, or the whole state with a table of steps. Adds nothing to it. */
import { bytesText } from '../engine/core/bytes-text.ts';
import type { RunView, StepView } from '../tools/run-view-schema.ts';
import { undoLines } from '../tools/undo-lines.ts';
import { commandLineOf, inCliWords } from './cli-words.ts';
import { questionLines } from './question-lines.ts';
import { checkpointLines, rollbackLines } from './rollback-text.ts';
import { printable, type Style } from './style.ts';
import { tableLines } from './table.ts';
import { durationText, timeText } from './time-text.ts';

const ARTIFACTS_SHOWN_MAX = 10;

/** Only what a person who has watched the run does not know yet. */
export function outcomeText(view: RunView, style: Style): string {
  return [
    headLine(view, style),
    ...failureLines(view, style),
    ...rollbackLines(view, style),
    ...restLines(view, style),
  ].join('\n');
}

/** Everything, for a person who comes back to the run. */
export function statusText(view: RunView, style: Style, columns: number): string {
  const times = [
    `created ${timeText(view.created_at)}`,
    ...(view.finished_at === undefined ? [] : [`finished ${timeText(view.finished_at)}`]),
    `in ${view.cwd}`,
    ...(view.parent ? [`started by step ${view.parent.step} of run ${view.parent.run_id}`] : []),
  ];
  const rows = view.steps.map((step) => stepRow(step, style));
  return [
    headLine(view, style),
    style.dim(times.join(', ')),
    ...(rows.length > 0 ? ['', ...tableLines(['STEP', 'STATUS', 'TIME', 'DETAIL'], rows, columns)] : []),
    ...failureLines(view, style),
    ...checkpointLines(view),
    ...rollbackLines(view, style),
    ...restLines(view, style),
  ].join('\n');
}

/** What a dry run would do. */
export function planText(view: RunView, style: Style): string {
  const lines = [`${style.bold(view.workflow)} ${view.version}: dry run, nothing was started`];
  for (const each of view.plan ?? []) {
    const touches = each.touches === 'none' ? '' : `, touches ${each.touches}`;
    lines.push(`${each.order}. ${style.bold(each.step)} (${each.type}${touches}): ${printable(each.does)}`);
    if (each.command !== undefined) lines.push(indented(printable(each.command), '     '));
    if (each.unknown !== undefined) lines.push(`     not known yet: ${each.unknown}`);
    for (const line of undoLines(each)) lines.push(indented(printable(line), '     '));
  }
  return [...lines, ...view.warnings.map((warning) => `${style.yellow('warning:')} ${warning}`)].join('\n');
}

/** The status word in its colour. */
export function statusWord(status: RunView['status'] | StepView['status'], style: Style): string {
  if (status === 'succeeded' || status === 'cached') return style.green(status);
  if (['failed', 'stuck', 'undo_failed', 'interrupted'].includes(status)) return style.red(status);
  if (
    ['waiting', 'paused', 'partial', 'soft_failed', 'cancelled', 'rolled_back', 'rolling_back'].includes(
      status,
    )
  )
    return style.yellow(status);
  return status === 'pending' || status === 'skipped' ? style.dim(status) : status;
}

function headLine(view: RunView, style: Style): string {
  const { done, total } = view.progress;
  const reason = view.reason === undefined ? '' : `: ${printable(view.reason)}`;
  const took = view.started_at === undefined ? '' : ` after ${durationText(view.duration_ms)}`;
  const again = view.existing === true ? ' (the idempotency key is that of this earlier run)' : '';
  return `run ${style.bold(view.run_id)} of ${view.workflow}: ${statusWord(view.status, style)}${took}, ${done} of ${total} steps done${reason}${again}`;
}

function stepRow(step: StepView, style: Style): readonly string[] {
  const took = step.duration_ms === undefined ? '' : durationText(step.duration_ms);
  const detail = step.error?.message ?? step.reason ?? waitText(step);
  return [step.id, statusWord(step.status, style), took, printable(detail).replaceAll('\n', ' ')];
}

function waitText(step: StepView): string {
  if (step.retry_at !== undefined) return `again at ${timeText(step.retry_at)}`;
  return step.wakes_at === undefined ? '' : `until ${timeText(step.wakes_at)}`;
}

function failureLines(view: RunView, style: Style): readonly string[] {
  return view.steps.flatMap((step) => {
    if (step.error === undefined || step.status === 'cancelled') return [];
    const { message, hint } = step.error;
    const line = `${style.red('error:')} step \`${step.id}\`: ${printable(message)}`;
    // the hint of a step that has written something says where to read it
    if (step.log !== undefined && step.log !== '') return [line, indented(printable(step.log), '  | ')];
    return hint === undefined ? [line] : [line, `  hint: ${inCliWords(printable(hint))}`];
  });
}

function restLines(view: RunView, style: Style): readonly string[] {
  const outputs = Object.entries(view.outputs).map(
    ([name, value]) => `  ${name}: ${typeof value === 'string' ? printable(value) : JSON.stringify(value)}`,
  );
  return [
    ...(outputs.length > 0 ? ['outputs:', ...outputs] : []),
    ...artifactLines(view),
    ...view.warnings.map((warning) => `${style.yellow('warning:')} ${printable(warning)}`),
    ...view.questions.flatMap((question) => [
      ...questionLines(question, style),
      `  answer with: belay answer ${question.run_id ?? view.run_id} ${question.question_id}`,
    ]),
    ...(view.questions.length > 0
      ? []
      : view.next.map((call) => style.dim(`next: ${commandLineOf(call)} (${printable(call.why)})`))),
  ];
}

function artifactLines({ run_id, artifacts }: RunView): readonly string[] {
  const shown = artifacts
    .slice(0, ARTIFACTS_SHOWN_MAX)
    .map(({ name, size }) => `  ${printable(name)}: ${bytesText(size)}`);
  const left = artifacts.length - shown.length;
  if (shown.length === 0) return [];
  const more = left > 0 ? [`  and ${left} more: belay artifacts ${run_id}`] : [];
  return [`artifacts (belay artifacts get ${run_id} NAME):`, ...shown, ...more];
}

const indented = (text: string, by: string): string => text.trimEnd().replace(/^/gm, by);
