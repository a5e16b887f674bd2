/** `belay list`: the workflows that can be run by name. */

import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeNumber } from '../option-value.ts';
import { printable } from '../style.ts';
import { tableLines } from '../table.ts';

interface ListOptions {
  readonly category?: string;
  readonly tag?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

interface WorkflowList {
  readonly workflows: readonly {
    readonly name: string;
    readonly version: string;
    readonly description?: string;
    readonly scope: string;
    readonly problem?: string;
  }[];
  readonly next_cursor?: string;
}

export const listCommand: AddCommand = (program, perform) => {
  program
    .command('list')
    .summary('list workflows')
    .description('List the workflows that can be run by name.')
    .argument('[query]', 'words to look for in name, description and tags')
    .option('--category <category>', 'only of this category')
    .option('--tag <tag>', 'only with this tag')
    .option('--limit <n>', 'workflows on a page', wholeNumber)
    .option('--cursor <cursor>', 'the next page, as the page before names it')
    .action((query: string | undefined, options: ListOptions) => perform((cli) => list(cli, query, options)));
};

async function list(cli: Cli, query: string | undefined, options: ListOptions): Promise<number> {
  const given = { ...options, ...(query !== undefined && { query }) };
  const { structured } = await cli.call('workflow_list', { ...given });
  cli.print(structured, listText(cli, structured as unknown as WorkflowList));
  return EXIT.done;
}

function listText(cli: Cli, { workflows, next_cursor: cursor }: WorkflowList): string {
  if (workflows.length === 0) return 'no workflows match';
  const style = cli.terminal.style('out');
  const rows = workflows.map(({ name, version, scope, description = '', problem }) => [
    style.bold(name),
    version,
    scope,
    printable(problem === undefined ? description : `broken: ${problem}`).replaceAll('\n', ' '),
  ]);
  const lines = tableLines(['WORKFLOW', 'VERSION', 'FROM', 'DESCRIPTION'], rows, cli.tableColumns);
  return [...lines, ...(cursor === undefined ? [] : [`more with --cursor ${cursor}`])].join('\n');
}
