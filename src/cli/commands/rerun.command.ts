/** `belay rerun`: runs the workflow of an earlier run again, as it was then, and stays with it. */
import { loadRun } from '../../engine/host/load-run.ts';
import type { RunView } from '../../tools/run-view-schema.ts';
import { attendRun } from '../attend-run.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { gather, readInputs } from '../input-flags.ts';
import { wholeRunId } from '../run-id.ts';
import { outcomeText } from '../run-text.ts';
import { printable } from '../style.ts';

interface RerunOptions {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly detach?: boolean;
  readonly cache?: boolean;
}

export const rerunCommand: AddCommand = (program, perform) => {
  program
    .command('rerun')
    .summary('run the workflow of a run again')
    .description(
      'Run the workflow of a run again as a new run: the definition, inputs and folder of that run.',
    )
    .argument('<run>', 'run id, or its beginning')
    .option('-i, --input <key=value>', 'change an input; repeatable', gather)
    .option('--inputs <file>', 'JSON file with inputs to change')
    .option('--no-cache', 'perform every step, and keep no result')
    .option('--detach', 'leave the run to the background at once')
    .action((typed: string, options: RerunOptions) => perform((cli) => rerun(cli, typed, options)));
};

async function rerun(cli: Cli, typed: string, options: RerunOptions): Promise<number> {
  const belay = await cli.belay(options.detach !== true);
  const again = wholeRunId(belay, typed);
  const earlier = loadRun(belay.journal, again);
  const specs = earlier.ok ? earlier.value.workflow.inputs : {};
  const inputs = readInputs({ pairs: options.input ?? [], file: options.inputs }, specs, cli.world.cwd);
  const { structured } = await cli.call('workflow_execute', {
    again,
    inputs,
    wait_seconds: 0,
    ...(options.cache === false && { no_cache: true }),
  });
  const view = structured as unknown as RunView;
  for (const warning of view.warnings) cli.note(`warning: ${printable(warning)}`);
  if (options.detach !== true) return attendRun(cli, view.run_id, 0);
  cli.needsHost();
  cli.print(view, outcomeText(view, cli.terminal.style('out')));
  return EXIT.done;
}
