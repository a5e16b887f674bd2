/** `belay gc`: removes snapshots and artifacts that no run needs any more, beyond what is to be kept. */
import { InvalidArgumentError } from 'commander';
import { parseSize } from '../../definition/size.ts';
import { bytesText } from '../../engine/core/bytes-text.ts';
import { CACHE_BYTES_MAX } from '../../engine/core/limits.ts';
import { ARTIFACT_RETENTION, collectArtifacts } from '../../tools/artifact-retention.ts';
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
  readonly artifactDays?: number;
  readonly artifactCount?: number;
  readonly artifactSize?: number;
  readonly cacheSize?: number;
}

export const gcCommand: AddCommand = (program, perform) => {
  program
    .command('gc')
    .summary('remove old snapshots and artifacts')
    .description(
      'Remove snapshots and artifacts that are too old, too many or too large, never those of runs that have not\n' +
        'finished, nor artifacts that are pinned. Done by itself once a day.',
    )
    .option('--dry-run', 'say what would be removed')
    .option('--keep-days <n>', `days to keep snapshots, ${RETENTION.ageMs / DAY_MS} unless said`, wholeNumber)
    .option('--keep-count <n>', `snapshots to keep, ${RETENTION.count} unless said`, wholeNumber)
    .option('--keep-size <size>', `size of all together, ${RETENTION.bytes / GIB}GB unless said`, size)
    .option(
      '--artifact-days <n>',
      `days to keep artifacts, ${ARTIFACT_RETENTION.ageMs / DAY_MS} unless said`,
      wholeNumber,
    )
    .option('--artifact-count <n>', `artifacts to keep, ${ARTIFACT_RETENTION.count} unless said`, wholeNumber)
    .option(
      '--artifact-size <size>',
      `size of all together, ${ARTIFACT_RETENTION.bytes / GIB}GB unless said`,
      size,
    )
    .option(
      '--cache-size <size>',
      `size of all kept results together, ${CACHE_BYTES_MAX / GIB}GB unless said`,
      size,
    )
    .action((options: GcOptions) => perform((cli) => gc(cli, options)));
};

function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError('Expected a size such as 20GB.');
}

async function gc(cli: Cli, options: GcOptions): Promise<number> {
  const { home, journal, snapshots, artifacts, cache, clock } = await cli.belay();
  const retention = {
    ageMs: options.keepDays === undefined ? RETENTION.ageMs : options.keepDays * DAY_MS,
    count: options.keepCount ?? RETENTION.count,
    bytes: options.keepSize ?? RETENTION.bytes,
  };
  const dryRun = options.dryRun === true;
  const keeper = { home, journal, snapshots, artifacts, now: () => clock.now() };
  const collected = await collectSnapshots(keeper, retention, dryRun);
  if (!collected.ok) throw new Refusal({ ...collected.error });
  const files = await collectArtifacts(keeper, artifactRetention(options), dryRun);
  // what the cache removes can be made again: a dry run says nothing of it
  const results = dryRun ? undefined : cache.collect(clock.now(), options.cacheSize);
  const { snapshots: count, bytes, left } = collected.value;
  cli.print(
    { dry_run: dryRun, ...collected.value, artifacts: files, ...(results !== undefined && { results }) },
    `${removedText(dryRun, 'snapshot', count, bytes)}; ` +
      `${left.snapshots} ${left.snapshots === 1 ? 'stays' : 'stay'}, ${bytesText(left.bytes)}\n` +
      `${removedText(dryRun, 'artifact', files.artifacts, files.bytes)}; ` +
      `${bytesText(files.left.bytes)} ${files.left.objects === 1 ? 'stays' : 'stay'}` +
      (results === undefined ? '' : `\nremoved ${results} kept ${results === 1 ? 'result' : 'results'}`),
  );
  return EXIT.done;
}

/** What is freed is more than what is removed now: bytes stay for a while after the last that needed them. */
function removedText(dryRun: boolean, thing: string, count: number, bytes: number): string {
  const things = `${count} ${count === 1 ? thing : `${thing}s`}`;
  const unneeded = count === 0 ? ` that no ${thing} needs any more` : '';
  const removed = `${dryRun ? 'would remove' : 'removed'} ${things}`;
  if (bytes === 0) return removed;
  return `${removed} and ${dryRun ? 'free' : 'freed'} ${bytesText(bytes)}${unneeded}`;
}

const artifactRetention = ({ artifactDays, artifactCount, artifactSize }: GcOptions) => ({
  ageMs: artifactDays === undefined ? ARTIFACT_RETENTION.ageMs : artifactDays * DAY_MS,
  count: artifactCount ?? ARTIFACT_RETENTION.count,
  bytes: artifactSize ?? ARTIFACT_RETENTION.bytes,
});
