/** `belay resume`: lets a run go on after a failure, a cancel, a pause or an interruption, and stays with it. */

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
import { targetArguments, targetName, workflowTarget } from '../workflow-target.ts';

interface ResumeOptions {
  readonly from?: string;
  readonly only?: boolean;
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly with?: string;
  readonly detach?: boolean;
}

export const resumeCommand: AddCommand = (program, perform) => {
  program
    .command('resume')
    .summary('let a run go on')
    .description('Let a run go on that failed, was cancelled or paused; steps that succeeded are kept.')
    .argument('<run>', 'run id, or its beginning')
    .option('--from <step>', 'run this step and everything after it again')
    .option('--only', 'with --from: leave other steps that failed as they are')
    .option('-i, --input <key=value>', 'change an input; repeatable', gather)
    .option('--inputs <file>', 'JSON file with inputs to change')
    .option('--with <workflow>', 'go on with this definition, a name or a file; steps that changed run again')
    .option('--detach', 'leave the run to the background at once')
    .action((typed: string, options: ResumeOptions) => perform((cli) => resume(cli, typed, options)));
};

async function resume(cli: Cli, typed: string, options: ResumeOptions): Promise<number> {
  const belay = await cli.belay(options.detach !== true);
  const runId = wholeRunId(belay, typed);
  const run = loadRun(belay.journal, runId);
  const specs = run.ok ? run.value.workflow.inputs : {};
  const inputs = readInputs({ pairs: options.input ?? [], file: options.inputs }, specs, cli.world.cwd);
  const seenSeq = run.ok ? run.value.seq : 0;
  const target = options.with === undefined ? undefined : workflowTarget(options.with, cli.world.cwd);
  const given = {
    run_id: runId,
    wait_seconds: 0,
    ...(options.from !== undefined && { from_step: options.from }),
    ...(options.only === true && { only: true }),
    ...(target && targetArguments(target)),
    ...(Object.keys(inputs).length > 0 && { inputs }),
  };
  const { structured } = await cli.call('workflow_resume', given, target && { subject: targetName(target) });
  const view = structured as unknown as RunView;
  if (options.detach !== true) {
    for (const warning of view.warnings) cli.note(`warning: ${printable(warning)}`);
    return attendRun(cli, runId, seenSeq);
  }
  cli.needsHost();
  cli.print(view, outcomeText(view, cli.terminal.style('out')));
  return EXIT.done;
}
