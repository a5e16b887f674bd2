/** `belay logs`: what the steps of a run have written; with `-f` also what they will write. */

import { isFinal } from '../../engine/core/events.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { RunState, StepState } from '../../engine/core/state.ts';
import { loadRun } from '../../engine/host/load-run.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { Interrupts } from '../interrupts.ts';
import { LogFollower } from '../log-follower.ts';
import { wholeNumber } from '../option-value.ts';
import { usage } from '../refusal.ts';
import { wholeRunId } from '../run-id.ts';
import { watchRun } from '../watch-run.ts';

const POLL_MS = 100;

interface LogsOptions {
  readonly follow?: boolean;
  readonly tail?: number;
}

export const logsCommand: AddCommand = (program, perform) => {
  program
    .command('logs')
    .summary('read the logs of a run')
    .description('Print what the steps of a run have written (the last attempt of each).')
    .argument('<run>', 'run id, or its beginning')
    .argument('[step]', 'only this step and what is inside it')
    .option('-f, --follow', 'go on until the step, or the run, is over')
    .option('--tail <n>', 'only the last lines of each step', wholeNumber)
    .action((typed: string, step: string | undefined, options: LogsOptions) =>
      perform((cli) => logs(cli, typed, step, options)),
    );
};

async function logs(
  cli: Cli,
  typed: string,
  step: string | undefined,
  options: LogsOptions,
): Promise<number> {
  if (cli.json && options.follow)
    throw usage('--json and --follow do not go together', 'leave out one of the two');
  // whoever watches also drives: a run whose host has died would stand still before their eyes
  const belay = await cli.belay(options.follow === true);
  const runId = wholeRunId(belay, typed);
  const given: JsonObject = {
    run_id: runId,
    ...(step !== undefined && { step }),
    ...(cli.json && logOptions(options)),
  };
  // the tool knows what is wrong with a run or a step that is not there
  const { structured } = await cli.call('workflow_status', given, { wait: false });
  if (cli.json) {
    cli.print(structured, '');
    return EXIT.done;
  }
  const follower = new LogFollower(belay, cli.terminal, step);
  const loaded = loadRun(belay.journal, runId);
  if (!loaded.ok) throw new Error(`run ${runId} was there a moment ago: ${loaded.error.message}`);
  follower.show(loaded.value, options.tail);
  const told = new Set<string>();
  tellInnerRuns(cli, loaded.value, step, told);
  if (options.follow === true) await follow(cli, loaded.value, { step, follower, told });
  return EXIT.done;
}

/** A step whose work is a run has no log of its own: a line says where to read. */
function tellInnerRuns(cli: Cli, { byKey }: RunState, only: string | undefined, told: Set<string>): void {
  for (const step of byKey.values()) {
    const { innerRun: inner, key, status } = step;
    if (!inner || told.has(inner.id) || !isInside(step, only)) continue;
    told.add(inner.id);
    const did = status === 'running' ? 'does' : 'did';
    cli.terminal.out(`run ${inner.id} ${did} step ${key}: belay logs ${inner.id}\n`);
  }
}

function isInside(step: StepState, only: string | undefined): boolean {
  for (let at: StepState | undefined = step; at; at = at.frame.owner) if (at.key === only) return true;
  return only === undefined;
}

const logOptions = ({ tail }: LogsOptions): JsonObject => ({
  include: ['log'],
  ...(tail !== undefined && { tail_lines: tail }),
});

interface Following {
  readonly step: string | undefined;
  readonly follower: LogFollower;
  /** Inner runs that a line has named. */
  readonly told: Set<string>;
}

async function follow(cli: Cli, run: RunState, { step, follower, told }: Following): Promise<void> {
  const interrupts = new Interrupts(cli.terminal);
  const polling = setInterval(() => follower.poll(run.runId), POLL_MS);
  try {
    await watchRun(await cli.belay(), run.runId, {
      afterSeq: run.seq,
      signal: AbortSignal.any([interrupts.signal, cli.terminal.gone]),
      onEvent: (now, entry) => {
        follower.event(now, entry);
        tellInnerRuns(cli, now, step, told);
      },
      until: (now) => isFinal(now.status) || isOver(now, step),
    });
    follower.poll(run.runId);
  } finally {
    clearInterval(polling);
    interrupts.stop();
  }
}

const UNFINISHED: readonly string[] = ['pending', 'running', 'waiting', 'interrupted'];

function isOver(run: RunState, step: string | undefined): boolean {
  const state = step === undefined ? undefined : run.byKey.get(step);
  return state !== undefined && !UNFINISHED.includes(state.status);
}
