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

/** A new workflow this likely is shown whole. */
const SHOWN_MIN = 0.3;

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
  const isAsked = intent !== '' || after !== undefined;
  cli.print(structured, suggestionText(cli, structured as unknown as Suggestions, isAsked));
  return EXIT.done;
}

function suggestionText(cli: Cli, { suggestions, learned }: Suggestions, isAsked: boolean): string {
  if (suggestions.length === 0) {
    const hint = isAsked ? [] : ['say what is to be done, or with --after what was run just before'];
    return ['nothing is likely enough to be suggested', ...hint, learnedLine(learned)].join('\n');
  }
  const style = cli.terminal.style('out');
  const rows = suggestions.map(({ kind, workflow, command, confidence, reasons }) => [
    sureText(confidence),
    kind,
    style.bold(oneLine(workflow ?? command ?? '')),
    oneLine(reasons.join('; ')),
  ]);
  const lines = tableLines(['SURE', 'KIND', 'WHAT', 'WHY'], rows, cli.tableColumns);
  const best = suggestions.find(({ kind }) => kind === 'workflow');
  const fresh = suggestions.find(({ kind }) => kind === 'new_workflow');
  const calls = [
    ...(best ? runLines(best) : []),
    ...(fresh ? saveLines(fresh, fresh === suggestions[0]) : []),
  ];
  return [...lines, ...calls, learnedLine(learned)].join('\n');
}

/** How the best workflow is started. */
function runLines({ workflow = '', inputs, missing_inputs: missing }: SuggestionView): readonly string[] {
  const given = Object.entries(inputs).map(
    ([name, value]) =>
      `-i ${shownWord(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)}`,
  );
  const open = missing.map((name) => `-i ${name}=…`);
  const when = missing.length === 0 ? 'run it' : `run it when you know ${missing.join(', ')}`;
  return [`${when}: ${['belay run', shownWord(workflow), ...given, ...open].join(' ')}`];
}

/** How the best new workflow is saved, and what it would be where nothing is likelier to be wanted. */
function saveLines(
  { workflow = '', pattern = '', definition = '', confidence }: SuggestionView,
  isFirst: boolean,
): readonly string[] {
  const save = `belay create --from-pattern ${shownWord(pattern)} --name ${shownWord(workflow)}`;
  const text = printable(definition).trimEnd().split('\n');
  const shown = isFirst || confidence >= SHOWN_MIN ? text.map((line) => `  ${line}`) : [];
  return [`save ${oneLine(workflow)}: ${save}`, ...shown];
}

const oneLine = (text: string): string => printable(text).replaceAll('\n', ' ');

const shownWord = (word: string): string => shellWord(oneLine(word));
