/** `belay gc`: removes snapshots that no run needs any more, beyond what is to be kept. */
import { InvalidArgumentError } from 'commander';
import { parseSize } from '../../definition/size.ts';
import { bytesText } from '../../tools/bytes-text.ts';
import { collectSnapshots, RETENTION } from '../../tools/retention.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeNumber } from '../option-value.ts';
import { Refusal } from '../refusal.ts';

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;

interface GcOptions {
  readonly dryRun?: boolean;
  readonly keepDays?: number;
  readonly keepCount?: number;
  readonly keepSize?: number;
}

export const gcCommand: AddCommand = (program, perform) => {
  program
    .command('gc')
    .summary('remove old snapshots')
    .description(
      'Remove snapshots that are too old, too many or too large, never those of runs that have not finished.\n' +
        'Done by itself once a day.',
    )
    .option('--dry-run', 'say what would be removed')
    .option('--keep-days <n>', `days to keep them, ${RETENTION.ageMs / DAY_MS} unless said`, wholeNumber)
    .option('--keep-count <n>', `snapshots to keep, ${RETENTION.count} unless said`, wholeNumber)
    .option('--keep-size <size>', `size of all together, ${RETENTION.bytes / GIB}GB unless said`, size)
    .action((options: GcOptions) => perform((cli) => gc(cli, options)));
};

function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError('Expected a size such as 20GB.');
}

async function gc(cli: Cli, options: GcOptions): Promise<number> {
  const { journal, snapshots, clock } = await cli.belay();
  const retention = {
    ageMs: options.keepDays === undefined ? RETENTION.ageMs : options.keepDays * DAY_MS,
    count: options.keepCount ?? RETENTION.count,
    bytes: options.keepSize ?? RETENTION.bytes,
  };
  const dryRun = options.dryRun === true;
  const keeper = { journal, snapshots, now: () => clock.now() };
  const collected = await collectSnapshots(keeper, retention, dryRun);
  if (!collected.ok) throw new Refusal({ ...collected.error });
  const { snapshots: count, bytes, left } = collected.value;
  const what = dryRun ? 'would remove' : 'removed';
  cli.print(
    { dry_run: dryRun, ...collected.value },
    `${what} ${count} ${count === 1 ? 'snapshot' : 'snapshots'}, ${bytesText(bytes)}; ` +
      `${left.snapshots} ${left.snapshots === 1 ? 'stays' : 'stay'}, ${bytesText(left.bytes)}`,
  );
  return EXIT.done;
}
