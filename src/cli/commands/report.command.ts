/** `belay report`: one document about a run, as Markdown or JSON; for a run under way it tells how far that is. */
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { Refusal } from '../refusal.ts';
import { wholeRunId } from '../run-id.ts';

export const reportCommand: AddCommand = (program, perform) => {
  program
    .command('report')
    .summary('print the report of a run')
    .description(
      'Print the report of a run: what it did, what it changed, what it handed out, who answered what.\n' +
        'Markdown, or with --json the document that `belay schema report` describes.',
    )
    .argument('<run>', 'run id, or its beginning')
    .action((typed: string) => perform((cli) => report(cli, typed)));
};

async function report(cli: Cli, typed: string): Promise<number> {
  const belay = await cli.belay();
  const [{ runReport }, { reportText }] = await Promise.all([
    import('../../tools/run-report.ts'),
    import('../../tools/report-text.ts'),
  ]);
  const made = await runReport(belay, wholeRunId(belay, typed));
  if (!made.ok) throw new Refusal(made.error);
  cli.print(made.value, cli.json ? '' : reportText(made.value));
  return EXIT.done;
}
