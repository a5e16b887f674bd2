/** `belay cancel`: ends a run before its time. This process drives it where nobody else does, so that it ends now. */
import { Option } from 'commander';
import type { RunView } from '../../tools/run-view-schema.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeRunId } from '../run-id.ts';
import { outcomeText } from '../run-text.ts';

interface CancelOptions {
  readonly mode?: string;
  readonly reason?: string;
}

export const cancelCommand: AddCommand = (program, perform) => {
  program
    .command('cancel')
    .summary('cancel a run')
    .description('Cancel a run; its cleanup still runs. Exit code 0 when the run has taken it in.')
    .argument('<run>', 'run id, or its beginning')
    .addOption(
      new Option('--mode <mode>', 'immediate: end what runs; graceful: let it finish').choices([
        'immediate',
        'graceful',
      ]),
    )
    .option('--reason <text>', 'kept in the journal')
    .action((typed: string, options: CancelOptions) => perform((cli) => cancel(cli, typed, options)));
};

async function cancel(cli: Cli, typed: string, options: CancelOptions): Promise<number> {
  const runId = wholeRunId(await cli.belay(true), typed);
  const { structured } = await cli.call('workflow_cancel', { run_id: runId, ...options });
  cli.print(structured, outcomeText(structured as unknown as RunView, cli.terminal.style('out')));
  return EXIT.done;
}
