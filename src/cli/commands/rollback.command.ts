/**
 * `belay rollback`: takes a run back and stays with it. On a terminal the plan is shown and asked about first.
 * Success is exit code 0: the run stands where it was asked to go back to.
 */
import { Option } from 'commander';
import type { RunStatus } from '../../engine/core/events.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import { STRATEGIES } from '../../engine/core/model.ts';
import type { RunState } from '../../engine/core/state.ts';
import { loadRun } from '../../engine/host/load-run.ts';
import { isAbandoned, isAdopted, otherWish } from '../../tools/abandoned-rollback.ts';
import type { Belay } from '../../tools/belay.ts';
import type { RunView } from '../../tools/run-view-schema.ts';
import { attendRun } from '../attend-run.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT, exitCodeOfRun } from '../exit-code.ts';
import { Refusal } from '../refusal.ts';
import { wholeRunId } from '../run-id.ts';
import { outcomeText } from '../run-text.ts';
import { printable } from '../style.ts';

interface RollbackOptions {
  readonly strategy?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly onConflict?: string;
  readonly undo?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

export const rollbackCommand: AddCommand = (program, perform) => {
  program
    .command('rollback')
    .summary('take a run back')
    .description(
      'Take a run back, last step first. Exit code 0 when the run stands where it was asked to go back to,\n' +
        '3 when it waits for somebody, 4 when it is stuck.',
    )
    .argument('<run>', 'run id, or its beginning')
    .addOption(new Option('--strategy <strategy>', 'how to take it back').choices(STRATEGIES))
    .option('--to <checkpoint>', 'with strategy checkpoint: where to; the latest unless said')
    .option('--dry-run', 'show the plan and a diff, touch nothing')
    .addOption(
      new Option('--on-conflict <policy>', 'files that others changed since: stop unless said').choices([
        'stop',
        'keep',
        'overwrite',
      ]),
    )
    .option('--undo', 'bring the files back to what they were before the last rollback')
    .option('--reason <text>', 'kept in the journal')
    .option('-y, --yes', 'do not ask first')
    .action((typed: string, options: RollbackOptions) => perform((cli) => rollback(cli, typed, options)));
};

async function rollback(cli: Cli, typed: string, options: RollbackOptions): Promise<number> {
  const belay = await cli.belay(options.dryRun !== true);
  const runId = wholeRunId(belay, typed);
  const given = argumentsOf(runId, options);
  const loaded = loadRun(belay.journal, runId);
  if (options.undo !== true && options.dryRun !== true && loaded.ok && isLeft(belay, loaded.value)) {
    for (const warning of otherWish(loaded.value, given)) cli.note(`warning: ${printable(warning)}`);
    belay.host?.kick(runId);
    return attendRun(cli, runId, loaded.value.seq, exitCodeOfRollback);
  }
  if (options.dryRun === true) return showPlan(cli, given);
  if (cli.terminal.interactive && options.yes !== true && !(await isAgreed(cli, given))) {
    throw new Refusal({ code: 'declined', message: 'nothing was changed' });
  }
  const seenSeq = belay.journal.run(runId)?.seq ?? 0;
  const answer = await cli.call('workflow_rollback', { ...given, wait_seconds: 0 }, { ask: false });
  if (options.undo !== true) return attendRun(cli, runId, seenSeq, exitCodeOfRollback);
  const view = answer.structured as unknown as RunView;
  cli.print(view, outcomeText(view, cli.terminal.style('out')));
  return view.rollback?.files_back === true ? EXIT.done : EXIT.stuck;
}

/** An earlier program died on the way of taking it back: it has been agreed to then. */
const isLeft = (belay: Belay, run: RunState): boolean => isAdopted(belay, run) || isAbandoned(belay, run);

const argumentsOf = (runId: string, options: RollbackOptions): JsonObject => ({
  run_id: runId,
  ...(options.strategy !== undefined && { strategy: options.strategy }),
  // a checkpoint alone says which strategy is meant
  ...(options.strategy === undefined && options.to !== undefined && { strategy: 'checkpoint' }),
  ...(options.to !== undefined && { checkpoint: options.to }),
  ...(options.onConflict !== undefined && { on_conflict: options.onConflict }),
  ...(options.reason !== undefined && { reason: options.reason }),
  ...(options.undo === true && { undo: true }),
});

async function showPlan(cli: Cli, given: JsonObject): Promise<number> {
  const { structured, text } = await cli.call('workflow_rollback', { ...given, dry_run: true });
  const { diff = '', diff_cut: isCut } = structured as {
    readonly diff?: string;
    readonly diff_cut?: boolean;
  };
  const cut = isCut === true ? '\nthe diff is longer than what is shown' : '';
  cli.print(structured, `${printable(text)}${diff === '' ? '' : `\n\n${printable(diff)}`}${cut}`);
  return EXIT.done;
}

/** Shows what would be done. */
async function isAgreed(cli: Cli, given: JsonObject): Promise<boolean> {
  const { text } = await cli.call('workflow_rollback', { ...given, dry_run: true }, { wait: false });
  cli.note(printable(text));
  const answer = await cli.terminal.ask('roll back? [y/N] ');
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}

/** Back at a checkpoint the run is paused, which is what was asked for. */
const exitCodeOfRollback = (status: RunStatus): number =>
  status === 'rolled_back' || status === 'paused' ? EXIT.done : exitCodeOfRun(status);
