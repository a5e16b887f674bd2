/** `belay status`: where a run stands; with `--watch` it stays until the run rests. */
import type { RunView } from '../../tools/run-view-schema.ts';
import { attendRun } from '../attend-run.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { exitCodeOfRun } from '../exit-code.ts';
import { wholeRunId } from '../run-id.ts';
import { statusText } from '../run-text.ts';

interface StatusOptions {
  readonly watch?: boolean;
  readonly step?: string;
}

export const statusCommand: AddCommand = (program, perform) => {
  program
    .command('status')
    .summary('look at a run')
    .description("Show where a run stands. The exit code is the run's.")
    .argument('<run>', 'run id, or its beginning')
    .option('--step <step>', 'only this step and what is inside it')
    .option('--watch', 'stay until the run is final or waits')
    .action((typed: string, options: StatusOptions) => perform((cli) => status(cli, typed, options)));
};

async function status(cli: Cli, typed: string, { watch, step }: StatusOptions): Promise<number> {
  // whoever watches also drives: a run whose host has died would stand still before their eyes
  const runId = wholeRunId(await cli.belay(watch === true), typed);
  if (watch === true) return attendRun(cli, runId, 0);
  const { structured } = await cli.call('workflow_status', {
    run_id: runId,
    ...(step !== undefined && { step }),
  });
  const view = structured as unknown as RunView;
  cli.print(view, statusText(view, cli.terminal.style('out'), cli.tableColumns));
  return exitCodeOfRun(view.status);
}
