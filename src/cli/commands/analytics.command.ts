/** `belay analytics`: how runs went, as tables and sparklines. */
import type { Analytics } from '../../tools/analytics/analytics-schema.ts';
import { analyticsTables } from '../analytics-tables.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';

interface AnalyticsOptions {
  readonly since?: string;
}

export const analyticsCommand: AddCommand = (program, perform) => {
  program
    .command('analytics')
    .summary('show how runs went')
    .description(
      'Show how runs went: success, durations, the slowest and the flakiest steps, failures, and what that suggests.',
    )
    .argument('[workflow]', 'only runs of this workflow')
    .option('--since <time>', 'only from this time on, or a span back from now such as 7d')
    .action((workflow: string | undefined, options: AnalyticsOptions) =>
      perform((cli) => analytics(cli, workflow, options)),
    );
};

async function analytics(
  cli: Cli,
  workflow: string | undefined,
  { since }: AnalyticsOptions,
): Promise<number> {
  const { structured } = await cli.call('workflow_analytics', {
    ...(workflow !== undefined && { workflow }),
    ...(since !== undefined && { since }),
  });
  cli.print(structured, analyticsTables(cli, structured as unknown as Analytics));
  return EXIT.done;
}
