/** `belay __complete`: candidates for shell completion, one on a line. It never shows an error in the user's prompt. */
import { loadRun } from '../../engine/host/load-run.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeRunId } from '../run-id.ts';

const RUNS_MAX = 50;

export const completeCommand: AddCommand = (program, perform) => {
  program
    .command('__complete', { hidden: true })
    .argument('<kind>')
    .argument('[run]')
    .action((kind: string, run: string | undefined) =>
      perform(async (cli) => {
        try {
          for (const word of await candidates(cli, kind, run)) cli.terminal.out(`${word}\n`);
        } catch {
          // no data folder, a broken one, an unknown run: nothing to offer
        }
        return EXIT.done;
      }),
    );
};

async function candidates(cli: Cli, kind: string, run: string | undefined): Promise<readonly string[]> {
  const belay = await cli.belay();
  if (kind === 'workflow') return belay.library.list().map((entry) => entry.name);
  if (kind === 'run') return belay.journal.runIds('', RUNS_MAX);
  if (run === undefined) return [];
  const loaded = loadRun(belay.journal, wholeRunId(belay, run));
  if (!loaded.ok) return [];
  const { byKey, checkpoints, questions } = loaded.value;
  if (kind === 'step') return [...byKey.keys()];
  if (kind === 'checkpoint') return [...checkpoints.keys()];
  return [...questions.values()].flatMap(({ id, status }) => (status === 'open' ? [id] : []));
}
