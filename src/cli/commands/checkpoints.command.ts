/** `belay checkpoints`: the places that a run can go back to; with a name, what that one holds and does not hold. */

import { didYouMean } from '../../definition/did-you-mean.ts';
import { bytesText } from '../../engine/core/bytes-text.ts';
import type { RunView } from '../../tools/run-view-schema.ts';
import { visiblePath } from '../../tools/visible-path.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { Refusal } from '../refusal.ts';
import { wholeRunId } from '../run-id.ts';
import { printable } from '../style.ts';
import { tableLines } from '../table.ts';
import { timeText } from '../time-text.ts';

type Checkpoint = RunView['checkpoints'][number];

export const checkpointsCommand: AddCommand = (program, perform) => {
  program
    .command('checkpoints')
    .summary('list the checkpoints of a run')
    .description('List the places that a run can go back to, oldest first.')
    .argument('<run>', 'run id, or its beginning')
    .argument('[checkpoint]', 'only this one, with what it does not hold')
    .action((typed: string, name: string | undefined) => perform((cli) => checkpoints(cli, typed, name)));
};

async function checkpoints(cli: Cli, typed: string, name: string | undefined): Promise<number> {
  const runId = wholeRunId(await cli.belay(), typed);
  const given = { run_id: runId, include: ['checkpoints'] };
  const { structured } = await cli.call('workflow_status', given, { wait: false });
  const { checkpoints: all, warnings } = structured as unknown as RunView;
  if (name === undefined) {
    cli.print({ run_id: runId, checkpoints: all }, listText(cli, all, warnings));
    return EXIT.done;
  }
  const found = all.find(({ id }) => id === name);
  if (!found) throw unknown(runId, name, all);
  cli.print(found, oneText(found));
  return EXIT.done;
}

function unknown(runId: string, name: string, all: readonly Checkpoint[]): Refusal {
  const known = all.map(({ id }) => id);
  const hint = didYouMean(name, known) ?? `belay checkpoints ${runId} lists them`;
  return new Refusal({
    code: 'unknown_checkpoint',
    message: `checkpoint \`${name}\` is not in run \`${runId}\``,
    hint,
  });
}

function listText(cli: Cli, all: readonly Checkpoint[], warnings: readonly string[]): string {
  if (all.length === 0) return ['no checkpoints', ...warnings].join('\n');
  const style = cli.terminal.style('out');
  const rows = all.map((each) => [
    style.bold(each.id),
    each.step,
    each.why,
    timeText(each.at),
    String(each.files),
    bytesText(each.bytes),
    each.omitted_count === undefined ? '' : `${each.omitted_count} not held`,
  ]);
  const head = ['CHECKPOINT', 'BEFORE', 'WHY', 'TAKEN', 'FILES', 'SIZE', ''];
  return tableLines(head, rows, cli.tableColumns).join('\n');
}

function oneText(each: Checkpoint): string {
  const omitted = each.omitted ?? [];
  const left = (each.omitted_count ?? 0) - omitted.length;
  return [
    `${each.id}: before step ${each.step} (${each.why}), taken ${timeText(each.at)}`,
    `holds ${each.files} files, folders and links, ${bytesText(each.bytes)}`,
    ...(each.captures === undefined ? [] : [`holds the output of ${each.captures} capture commands`]),
    ...(each.notes ?? []).map(printable),
    ...(omitted.length > 0 ? ['does not hold:'] : []),
    ...omitted.map(({ path, reason }) => `  ${visiblePath(path)}: ${reason}`),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ].join('\n');
}
