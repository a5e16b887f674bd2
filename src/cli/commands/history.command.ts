/** `belay history`: earlier runs, newest first. */
import type { RunView } from '../../tools/run-view-schema.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeNumber } from '../option-value.ts';
import { statusWord } from '../run-text.ts';
import { printable } from '../style.ts';
import { tableLines } from '../table.ts';
import { durationText, timeText } from '../time-text.ts';

interface HistoryOptions {
  readonly workflow?: string;
  readonly status?: string;
  readonly since?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

interface History {
  readonly runs: readonly (Pick<
    RunView,
    'run_id' | 'workflow' | 'status' | 'reason' | 'created_at' | 'progress'
  > & {
    readonly duration_ms?: number;
  })[];
  readonly next_cursor?: string;
}

export const historyCommand: AddCommand = (program, perform) => {
  program
    .command('history')
    .summary('list runs')
    .description('List runs, newest first.')
    .option('--workflow <name>', 'only of this workflow')
    .option('--status <status>', 'only with this status')
    .option('--since <time>', 'only from this time on, or a span back from now such as 24h')
    .option('--limit <n>', 'runs on a page', wholeNumber)
    .option('--cursor <cursor>', 'the next page, as the page before names it')
    .action((options: HistoryOptions) => perform((cli) => history(cli, options)));
};

async function history(cli: Cli, options: HistoryOptions): Promise<number> {
  const { structured } = await cli.call('workflow_history', { ...options });
  cli.print(structured, historyText(cli, structured as unknown as History));
  return EXIT.done;
}

function historyText(cli: Cli, { runs, next_cursor: cursor }: History): string {
  if (runs.length === 0) return 'no runs';
  const style = cli.terminal.style('out');
  const rows = runs.map((run) => [
    style.bold(run.run_id),
    run.workflow,
    statusWord(run.status, style),
    `${run.progress.done}/${run.progress.total}`,
    timeText(run.created_at),
    run.duration_ms === undefined ? '' : durationText(run.duration_ms),
    printable(run.reason ?? '').replaceAll('\n', ' '),
  ]);
  const lines = tableLines(
    ['RUN', 'WORKFLOW', 'STATUS', 'STEPS', 'CREATED', 'TOOK', 'REASON'],
    rows,
    cli.tableColumns,
  );
  return [...lines, ...(cursor === undefined ? [] : [`more with --cursor ${cursor}`])].join('\n');
}
