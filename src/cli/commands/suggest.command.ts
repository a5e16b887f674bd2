/** `belay suggest`: workflows for an intent, and the next command. */

import { shellWord } from '../../engine/core/shell-quote.ts';
import type { SuggestionView } from '../../tools/learning/suggestion-view.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeNumber } from '../option-value.ts';
import { printable } from '../style.ts';
import { type Learned, learnedLine, sureText } from '../suggestion-text.ts';
import { tableLines } from '../table.ts';

interface SuggestOptions {
  readonly after?: readonly string[];
  readonly exitCode?: number;
  readonly limit?: number;
}

interface Suggestions {
  readonly suggestions: readonly SuggestionView[];
  readonly learned: Learned;
}

export const suggestCommand: AddCommand = (program, perform) => {
  program
    .command('suggest')
    .summary('suggest a workflow or the next command')
    .description('Suggest workflows for what is to be done, and the command that comes next.')
    .argument('[intent...]', 'what is to be done, in words')
    .option('--after <command...>', 'what was run just before, the newest last')
    .option('--exit-code <n>', 'how the newest of them ended', wholeNumber)
    .option('--limit <n>', 'suggestions', wholeNumber)
    .action((intent: readonly string[], options: SuggestOptions) =>
      perform((cli) => suggest(cli, intent.join(' '), options)),
    );
};

async function suggest(cli: Cli, intent: string, options: SuggestOptions): Promise<number> {
  const { after, exitCode, limit } = options;
  const { structured } = await cli.call('workflow_suggest', {
    ...(intent !== '' && { intent }),
    ...(after && { recent_commands: [...after] }),
    context: { cwd: cli.world.cwd, ...(exitCode !== undefined && { last_exit_code: exitCode }) },
    ...(limit !== undefined && { limit }),
  });
  cli.print(structured, suggestionText(cli, structured as unknown as Suggestions));
  return EXIT.done;
}

function suggestionText(cli: Cli, { suggestions, learned }: Suggestions): string {
  if (suggestions.length === 0) return `nothing is likely enough to be suggested\n${learnedLine(learned)}`;
  const style = cli.terminal.style('out');
  const rows = suggestions.map(({ kind, workflow, command, confidence, reasons }) => [
    sureText(confidence),
    kind,
    style.bold(oneLine(workflow ?? command ?? '')),
    oneLine(reasons.join('; ')),
  ]);
  const lines = tableLines(['SURE', 'KIND', 'WHAT', 'WHY'], rows, cli.tableColumns);
  const best = suggestions.find(({ kind }) => kind === 'workflow');
  return [...lines, ...(best ? runLines(best) : []), learnedLine(learned)].join('\n');
}

/** How the best workflow is started. */
function runLines({ workflow = '', inputs, missing_inputs: missing }: SuggestionView): readonly string[] {
  const given = Object.entries(inputs).map(
    ([name, value]) =>
      `-i ${shownWord(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)}`,
  );
  const open = missing.map((name) => `-i ${name}=…`);
  return [`run it: ${['belay run', shownWord(workflow), ...given, ...open].join(' ')}`];
}

const oneLine = (text: string): string => printable(text).replaceAll('\n', ' ');

const shownWord = (word: string): string => shellWord(oneLine(word));
