/** `belay show`: one workflow as it is written, with its inputs; `--json` gives what is known of it. */

import { didYouMean } from '../../definition/did-you-mean.ts';
import type { LibraryEntry } from '../../definition/library.ts';
import type { InputSpec } from '../../engine/core/model.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { Refusal } from '../refusal.ts';
import { printable } from '../style.ts';
import { tableLines } from '../table.ts';

export const showCommand: AddCommand = (program, perform) => {
  program
    .command('show')
    .summary('show a workflow')
    .description('Print the definition of a workflow and its inputs.')
    .argument('<name>', 'name of a workflow')
    .action((name: string) => perform((cli) => show(cli, name)));
};

async function show(cli: Cli, name: string): Promise<number> {
  const { library } = await cli.belay();
  const found = library.find(name);
  if (!found) {
    const hint =
      didYouMean(
        name,
        library.list().map((entry) => entry.name),
      ) ?? 'belay list shows all of them';
    throw new Refusal({ code: 'unknown_workflow', message: `workflow \`${name}\` is not known`, hint });
  }
  const { text, file, ...known } = found;
  cli.print({ ...known, source: file, definition: text }, showText(cli, found));
  return EXIT.done;
}

function showText(cli: Cli, entry: LibraryEntry & { readonly text: string }): string {
  const style = cli.terminal.style('out');
  const comment = (line: string) => style.dim(`# ${line}`);
  const rows = Object.entries(entry.inputs).map(([name, spec]) => inputRow(name, spec));
  const inputs = tableLines(
    ['INPUT', 'TYPE', 'VALUE', 'DESCRIPTION'],
    rows,
    Math.max(0, cli.tableColumns - 2),
  );
  return [
    comment(`${entry.file} (${entry.scope})`),
    ...(entry.problem === undefined ? [] : [comment(`broken: ${printable(entry.problem)}`)]),
    ...(rows.length === 0 ? [] : inputs.map(comment)),
    printable(entry.text),
  ].join('\n');
}

function inputRow(name: string, spec: InputSpec): readonly string[] {
  const choices = spec.enum?.map((each) => JSON.stringify(each)).join(' | ');
  const preset = spec.default === undefined ? undefined : `default ${JSON.stringify(spec.default)}`;
  const value = [spec.required && preset === undefined ? 'required' : preset, choices];
  const described = printable(spec.description ?? '').replaceAll('\n', ' ');
  return [name, spec.type, value.filter((part) => part !== undefined).join(', '), described];
}
