/** `belay run`: starts a run of a known workflow or a definition file, and stays with it unless told to leave. */
import type { JsonObject } from '../../engine/core/model.ts';
import type { RunView } from '../../tools/run-view-schema.ts';
import { attendRun } from '../attend-run.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { gather, type InputSpecs, readInputs } from '../input-flags.ts';
import { priority } from '../option-value.ts';
import { outcomeText, planText } from '../run-text.ts';
import { printable } from '../style.ts';
import { targetArguments, targetName, type WorkflowTarget, workflowTarget } from '../workflow-target.ts';

interface RunOptions {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly cwd?: string;
  readonly key?: string;
  readonly priority?: number;
  /** `--no-cache` makes it false. */
  readonly cache: boolean;
}

export const runCommand: AddCommand = (program, perform) => {
  program
    .command('run')
    .summary('run a workflow')
    .description(
      'Run a workflow by name or from a file, and stay until it is final or waits for an answer.\n' +
        'Interrupt once to leave the run to the background, twice to cancel it.',
    )
    .argument('<workflow>', 'name of a workflow, or path of a definition')
    .option('-i, --input <key=value>', 'an input; key=@file takes the text of a file; repeatable', gather)
    .option('--inputs <file>', 'JSON file with inputs')
    .option('--dry-run', 'show the plan and start nothing')
    .option('--detach', 'leave the run to the background at once')
    .option('--cwd <dir>', 'folder to run in')
    .option('--no-cache', 'perform every step, and keep no results')
    .option(
      '--priority <n>',
      'from -10 to 10, 0 unless said: a higher one goes first where runs wait',
      priority,
    )
    .option('--key <text>', 'idempotency key: a second run with it is the first one')
    .action((word: string, options: RunOptions) => perform((cli) => run(cli, word, options)));
};

async function run(cli: Cli, word: string, options: RunOptions): Promise<number> {
  const target = workflowTarget(word, cli.world.cwd);
  const stays = options.dryRun !== true && options.detach !== true;
  const belay = await cli.belay(stays);
  const flags = { pairs: options.input ?? [], file: options.inputs };
  const inputs = readInputs(flags, await inputSpecs(cli, target), cli.world.cwd);
  const given: JsonObject = {
    ...targetArguments(target),
    inputs,
    wait_seconds: 0,
    ...(options.dryRun === true && { dry_run: true }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.key !== undefined && { idempotency_key: options.key }),
    ...(options.priority !== undefined && { priority: options.priority }),
    ...(!options.cache && { no_cache: true }),
  };
  const answer = await cli.call('workflow_execute', given, { subject: targetName(target) });
  const view = answer.structured as unknown as RunView;
  const style = cli.terminal.style('out');
  if (view.dry_run === true) {
    cli.print(view, planText(view, style));
    return EXIT.done;
  }
  for (const warning of view.warnings) cli.note(`warning: ${printable(warning)}`);
  if (stays)
    return attendRun(cli, view.run_id, view.existing === true ? belay.journal.run(view.run_id)!.seq : 0);
  cli.needsHost();
  cli.print(view, outcomeText(view, style));
  return EXIT.done;
}

/** How the inputs are declared; nothing for a definition that is wrong, because the tool will say so. */
async function inputSpecs(cli: Cli, target: WorkflowTarget): Promise<InputSpecs> {
  const { library, catalogue } = await cli.belay();
  if ('workflow' in target) return library.find(target.workflow)?.inputs ?? {};
  const { readDefinition } = await import('../../definition/read-definition.ts');
  return readDefinition({ text: target.definition }, catalogue.types).workflow?.inputs ?? {};
}
