/** `belay host`: drives runs that nobody else drives, and ends when there has been nothing to do for a while. */
import type { Belay } from '../../tools/belay.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { Refusal } from '../refusal.ts';

/** Longer than hosts wait between two looks for runs that nobody owns. */
const IDLE_MS = 6_000;
const LOOK_MS = 250;

export const hostCommand: AddCommand = (program, perform) => {
  program
    .command('host')
    .summary('drive runs in the background')
    .description('Drive unfinished runs until there is nothing to do. Started by itself where it is needed.')
    .action(() =>
      perform(async (cli) => {
        cli.isHost();
        const belay = await cli.belay(true);
        await untilIdle(belay);
        await belay.retain();
        return EXIT.done;
      }),
    );
};

async function untilIdle({ host, clock }: Belay): Promise<void> {
  if (!host) throw new Error('a background host was opened without a host');
  for (let idleSinceMs = clock.now(); clock.now() - idleSinceMs < IDLE_MS; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (host.problem) throw new Refusal({ ...host.problem });
    if (host.active > 0) idleSinceMs = clock.now();
  }
}
