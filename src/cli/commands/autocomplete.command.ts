/** `belay autocomplete`: how a command line goes on. */
import type { CommandSuggestion } from '../../tools/learning/suggest-commands.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeNumber } from '../option-value.ts';
import { printable } from '../style.ts';
import { type Learned, learnedLine, sureText } from '../suggestion-text.ts';
import { tableLines } from '../table.ts';

interface AutocompleteOptions {
  readonly after?: readonly string[];
  readonly limit?: number;
}

interface Completions {
  readonly completions: readonly CommandSuggestion[];
  readonly learned: Learned;
}

export const autocompleteCommand: AddCommand = (program, perform) => {
  program
    .command('autocomplete')
    .summary('complete a command line')
    .description('Complete a command line from what was run before.')
    .argument('[prefix]', 'what is typed so far')
    .option('--after <command...>', 'what was run just before, the newest last')
    .option('--limit <n>', 'completions', wholeNumber)
    .action((prefix: string | undefined, options: AutocompleteOptions) =>
      perform((cli) => autocomplete(cli, prefix, options)),
    );
};

async function autocomplete(
  cli: Cli,
  prefix: string | undefined,
  { after = [], limit }: AutocompleteOptions,
): Promise<number> {
  const { structured } = await cli.call('workflow_autocomplete', {
    recent_commands: [...after],
    ...(prefix !== undefined && { prefix }),
    context: { cwd: cli.world.cwd },
    ...(limit !== undefined && { limit }),
  });
  cli.print(structured, completionText(cli, structured as unknown as Completions));
  return EXIT.done;
}

function completionText(cli: Cli, { completions, learned }: Completions): string {
  if (completions.length === 0) return `nothing is likely enough to be proposed\n${learnedLine(learned)}`;
  const style = cli.terminal.style('out');
  const rows = completions.map(({ command, confidence, reasons }) => [
    sureText(confidence),
    style.bold(printable(command)),
    printable(reasons.join('; ')),
  ]);
  const lines = tableLines(['SURE', 'COMMAND', 'WHY'], rows, cli.tableColumns);
  return [...lines, learnedLine(learned)].join('\n');
}
