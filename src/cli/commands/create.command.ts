/** `belay create`: saves a workflow: of a file, a run, commands, or a pattern that `belay suggest` has shown. */
import type { JsonObject } from '../../engine/core/model.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { usage } from '../refusal.ts';
import { wholeRunId } from '../run-id.ts';
import { printable } from '../style.ts';
import { workflowTarget } from '../workflow-target.ts';

interface CreateOptions {
  readonly fromRun?: string;
  readonly fromPattern?: string;
  readonly fromCommands?: readonly string[];
  readonly name?: string;
  readonly user?: boolean;
  readonly overwrite?: boolean;
}

interface Saved {
  readonly status: string;
  readonly path: string;
  readonly definition: string;
  readonly notes: readonly string[];
}

export const createCommand: AddCommand = (program, perform) => {
  program
    .command('create')
    .summary('save a workflow')
    .description(
      'Save a workflow as a YAML file: a definition, the steps of a run that went well, commands, or a pattern that\n' +
        'belay suggest has shown. Secrets are never written: they become variables that the workflow asks for.',
    )
    .argument('[file]', 'the definition, YAML or JSON')
    .option('--from-run <run>', 'the steps of that run that succeeded')
    .option('--from-commands <command...>', 'these commands, one step each')
    .option('--from-pattern <id>', 'a pattern, by its id')
    .option('--name <name>', 'kebab-case; what it does unless said')
    .option('--user', 'for all projects, rather than in .belay/workflows of this one')
    .option('--overwrite', 'change the workflow of that name that is there')
    .action((file: string | undefined, options: CreateOptions) =>
      perform((cli) => create(cli, file, options)),
    );
};

async function create(cli: Cli, file: string | undefined, options: CreateOptions): Promise<number> {
  const { fromRun, fromPattern, fromCommands, name, user = false, overwrite = false } = options;
  const given = [file, fromRun, fromPattern, fromCommands].filter((source) => source !== undefined);
  if (given.length !== 1)
    throw usage(
      'expected a file, `--from-run`, `--from-commands` or `--from-pattern`',
      'belay create --help',
    );
  const { structured } = await cli.call('workflow_create', {
    ...(file !== undefined && definitionIn(file, cli.world.cwd)),
    ...(fromRun !== undefined && { from_run: wholeRunId(await cli.belay(), fromRun) }),
    ...(fromPattern !== undefined && { from_pattern: fromPattern }),
    ...(fromCommands && { from_commands: [...fromCommands] }),
    ...(name !== undefined && { name }),
    ...(user && { scope: 'user' }),
    ...(overwrite && { overwrite }),
  } as JsonObject);
  const saved = structured as unknown as Saved;
  const head = cli.terminal.style('out').bold(`${saved.status} ${printable(saved.path)}`);
  const notes = saved.notes.map((note) => `note: ${printable(note)}`);
  cli.print(structured, [head, ...notes, '', printable(saved.definition).trimEnd()].join('\n'));
  return EXIT.done;
}

function definitionIn(file: string, cwd: string): { readonly definition: string } {
  const target = workflowTarget(file, cwd);
  if ('workflow' in target) throw usage(`no file at \`${file}\``, 'give the path of a definition');
  return { definition: target.definition };
}
