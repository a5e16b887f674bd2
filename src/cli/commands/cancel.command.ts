/** `belay cancel`: ends a run before its time. This process drives it where nobody else does, so that it ends now. */
import { Option } from 'commander';
import { isFinal } from '../../engine/core/events.ts';
import type { RunView } from '../../tools/run-view-schema.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeRunId } from '../run-id.ts';
import { outcomeText } from '../run-text.ts';
import { watchRun } from '../watch-run.ts';

/** Longer than the grace between TERM and KILL; cleanup that takes longer goes on in the background. */
const PATIENCE_MS = 8_000;

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
  const belay = await cli.belay(true);
  const runId = wholeRunId(belay, typed);
  await cli.call('workflow_cancel', { run_id: runId, ...options }, { wait: false });
  const { status } = await watchRun(belay, runId, {
    afterSeq: Number.POSITIVE_INFINITY,
    signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), cli.terminal.gone]),
    onEvent: () => {},
    until: (run) => isFinal(run.status),
  });
  if (!isFinal(status)) cli.needsHost();
  const { structured } = await cli.call('workflow_status', { run_id: runId }, { wait: false });
  cli.print(structured, outcomeText(structured as unknown as RunView, cli.terminal.style('out')));
  return EXIT.done;
}
