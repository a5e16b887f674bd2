/** The plan of a rollback in words: for the form that asks a person, for a model, and for a terminal. */
import type { RestorePlan } from '../checkpoint/snapshot.ts';
import { bytesText } from '../engine/core/bytes-text.ts';
import type { PlanLine } from '../engine/host/plan-unwind.ts';
import { type Bounds, cutText, withinBudget } from './answer-budget.ts';
import { shortPath } from './visible-path.ts';

const INDENT = '     ';
/** Files of one checkpoint, before they are counted. */
const FILES_SHOWN_MAX = 20;

/** One line for each thing that is done or stays, its files and commands below it. */
export const rollbackText = (lines: readonly PlanLine[], cwd: string, bytesMax: number): string =>
  withinBudget(bytesMax, (bounds) => textWithin(lines, cwd, bounds), Buffer.byteLength);

function textWithin(lines: readonly PlanLine[], cwd: string, { valueBytes, rows }: Bounds): string {
  // a step that changed nothing needs no word
  const told = lines.filter(({ kind }) => kind !== 'nothing');
  const cut = (text: string) => cutText(text, valueBytes, 'too long to show');
  // numbered as they are shown: a plan that begins with 3 would look cut
  const texts = told
    .slice(0, rows)
    .map((line, index) => cut(lineText({ ...line, order: index + 1 }, cwd, Math.min(rows, FILES_SHOWN_MAX))));
  const left = told.length - texts.length;
  if (told.length === 0) return 'there is nothing to take back';
  return [...texts, ...(left > 0 ? [`and ${left} more`] : [])].join('\n');
}

function lineText(line: PlanLine, cwd: string, filesMax: number): string {
  const { order, step, checkpoint, command = '', why } = line;
  switch (line.kind) {
    case 'undo':
      return [`${order}. undo step \`${step}\``, command.trimEnd().replace(/^/gm, INDENT)].join('\n');
    case 'restore': {
      const what = `${order}. files back to checkpoint \`${checkpoint}\``;
      if (!line.files) return `${what}: not possible: ${why}`;
      return [`${what}: ${countsText(line.files)}`, ...fileLines(line.files, cwd, filesMax)].join('\n');
    }
    case 'files':
      return `${order}. step \`${step}\`: its files go back with the checkpoint`;
    case 'irreversible':
      return `${order}. step \`${step}\` cannot be taken back: ${why}`;
    case 'uncovered':
      return `${order}. step \`${step}\` stays as it is: ${why}`;
    case 'nothing':
      return `${order}. step \`${step}\` changed nothing`;
  }
}

function countsText({ create, change, delete: deleted, bytes }: RestorePlan): string {
  if (create + change + deleted === 0) return 'nothing differs';
  return `${create} to create, ${change} to change, ${deleted} to delete (${bytesText(bytes)})`;
}

function fileLines(plan: RestorePlan, cwd: string, max: number): readonly string[] {
  const total = plan.create + plan.change + plan.delete;
  const files = plan.files
    .slice(0, max)
    .map(({ path, action, bytes }) =>
      action === 'delete'
        ? `delete ${shortPath(path, cwd)}`
        : `${action} ${shortPath(path, cwd)} (${bytesText(bytes)})`,
    );
  const { conflicts } = plan;
  return [
    ...files,
    ...more(total - files.length, 'files'),
    ...conflicts.shown
      .slice(0, max)
      .map(({ path, found }) => `conflict: ${shortPath(path, cwd)} was ${found} by others since`),
    ...more(conflicts.count - Math.min(max, conflicts.shown.length), 'conflicts'),
    ...plan.lost
      .slice(0, max)
      .map(({ path, reason }) => `cannot come back: ${shortPath(path, cwd)}: ${reason}`),
    ...more(plan.lostCount - Math.min(max, plan.lost.length), 'that cannot come back'),
  ].map((line) => `${INDENT}${line}`);
}

const more = (count: number, what: string): readonly string[] =>
  count > 0 ? [`and ${count} more ${what}`] : [];
