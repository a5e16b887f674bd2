/** Checkpoints and rollbacks of a run view for people. Adds nothing to the view. */
import { bytesText } from '../engine/core/bytes-text.ts';
import type { RunView } from '../tools/run-view-schema.ts';
import { visiblePath } from '../tools/visible-path.ts';
import { inCliWords } from './cli-words.ts';
import { printable, type Style } from './style.ts';
import { timeText } from './time-text.ts';

/** Paths named of one list. */
const PATHS_MAX = 10;

type Rollback = NonNullable<RunView['rollback']>;

/** One line for each place to go back to. */
export function checkpointLines({ checkpoints }: RunView): readonly string[] {
  if (checkpoints.length === 0) return [];
  return [
    'checkpoints:',
    ...checkpoints.map(({ id, step, at, files, bytes, omitted_count }) => {
      const omitted = omitted_count === undefined ? '' : `, ${omitted_count} not held`;
      return `  ${printable(id)} before ${step}: ${files} files, ${bytesText(bytes)}, ${timeText(at)}${omitted}`;
    }),
  ];
}

/** How far a rollback is, what it could not do, and what a person does about it. */
export function rollbackLines({ rollback, run_id }: RunView, style: Style): readonly string[] {
  if (!rollback) return [];
  const { problems, left, instructions, files_back: isTakenBack } = rollback;
  return [
    headLine(rollback, style),
    ...(isTakenBack === true ? ['its files are back to what they were before it'] : []),
    ...pathLines(rollback, style),
    ...problems.flatMap(({ step, checkpoint, message, command, log, instruction }) => [
      `${style.red('not taken back:')} ${step ?? `checkpoint ${checkpoint}`}: ${printable(message)}`,
      ...(command === undefined ? [] : [printable(command).trimEnd().replace(/^/gm, '  $ ')]),
      ...(log === undefined ? [] : [`  log: belay logs ${run_id} ${logStep(log)}`]),
      `  ${inCliWords(printable(instruction))}`,
    ]),
    ...left.map(({ step, why }) => `${style.yellow('stays:')} ${step}: ${printable(why)}`),
    ...(instructions === undefined ? [] : [style.dim(`instructions: ${instructions}`)]),
  ];
}

function headLine({ strategy, status, checkpoint, items, files }: Rollback, style: Style): string {
  const to = checkpoint === undefined ? '' : ` to ${checkpoint}`;
  const word = status === 'stuck' ? style.red(status) : status;
  const back = files
    ? `; files: ${files.created} created, ${files.changed} changed, ${files.deleted} deleted${files.kept > 0 ? `, ${files.kept} kept` : ''}`
    : '';
  return `${style.bold(`rollback (${strategy})${to}`)}: ${word}, ${items.done} of ${items.total} taken back${back}`;
}

function pathLines(
  { conflicts, differs = [], differs_count = 0 }: Rollback,
  style: Style,
): readonly string[] {
  const shown = (conflicts?.shown ?? []).slice(0, PATHS_MAX);
  const left = (conflicts?.count ?? 0) - shown.length;
  const others = differs.slice(0, PATHS_MAX);
  return [
    ...shown.map(
      ({ path, found }) => `${style.yellow('conflict:')} ${visiblePath(path)} was ${found} by others`,
    ),
    ...(left > 0 ? [`and ${left} more conflicts`] : []),
    ...others.map(
      ({ path, reason }) => `${style.red('differs:')} ${visiblePath(path)}: ${printable(reason)}`,
    ),
    ...(differs_count > others.length ? [`and ${differs_count - others.length} more that differ`] : []),
  ];
}

/** `belay://runs/r/steps/undo%3Ax/log` -> `undo:x` */
const logStep = (uri: string): string => decodeURIComponent(uri.split('/').at(-2) ?? '');
