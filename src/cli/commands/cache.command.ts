/** `belay cache`: shows and removes the results of steps that are kept for later runs. */

import { bytesText } from '../../engine/core/bytes-text.ts';
import type { CacheListing } from '../../store/cache/open-cache.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wholeNumber } from '../option-value.ts';
import { Refusal } from '../refusal.ts';
import { printable } from '../style.ts';
import { tableLines } from '../table.ts';
import { durationText, timeText } from '../time-text.ts';

/** Of a key, as it is shown. */
const KEY_CHARS = 12;
const KEY_CHARS_MIN = 6;
const SHOWN = 50;
/** At once; more are removed in turns. */
const PAGE = 1_000;

interface Filter {
  readonly workflow?: string;
  readonly step?: string;
  readonly tag?: string;
}

export const cacheCommand: AddCommand = (program, perform) => {
  const cache = program
    .command('cache')
    .summary('show and remove kept results')
    .description('Show and remove the results of steps that are kept for later runs.');
  cache
    .command('ls')
    .summary('list kept results')
    .description('List the results that are kept, last used first.')
    .option('--workflow <name>', 'only of this workflow')
    .option('--step <id>', 'only of steps with this id')
    .option('--tag <tag>', 'only with this tag')
    .option('--limit <n>', `results to show, ${SHOWN} unless said`, wholeNumber)
    .action((options: Filter & { limit?: number }) => perform((cli) => list(cli, options)));
  cache
    .command('rm')
    .summary('remove kept results')
    .description('Remove results, by the beginning of their keys or by what they are of.')
    .argument('[key...]', 'keys, or their beginnings')
    .option('--workflow <name>', 'all of this workflow')
    .option('--step <id>', 'all of steps with this id')
    .option('--tag <tag>', 'all with this tag')
    .option('--all', 'all')
    .action((keys: readonly string[], options: Filter & { all?: boolean }) =>
      perform((cli) => remove(cli, keys, options)),
    );
  cache
    .command('stats')
    .summary('sizes, hits and misses')
    .description('How much is kept, how often it was of use, and the time that this has saved.')
    .action(() => perform((cli) => stats(cli)));
};

const iso = (ms: number): string => new Date(ms).toISOString();

const rowOf = ({ fromRun, createdAt, usedAt, expiresAt, ...rest }: CacheListing) => ({
  ...rest,
  tags: [...rest.tags],
  from_run: fromRun,
  created_at: iso(createdAt),
  used_at: iso(usedAt),
  expires_at: iso(expiresAt),
});

async function list(cli: Cli, { limit = SHOWN, ...filter }: Filter & { limit?: number }): Promise<number> {
  const { cache } = await cli.belay();
  const found = cache.list({ ...filter, limit });
  const rows = found.map(rowOf);
  if (rows.length === 0) {
    cli.print({ results: [] }, 'no results are kept');
    return EXIT.done;
  }
  const style = cli.terminal.style('out');
  const cells = rows.map((row) => [
    row.key.slice(0, KEY_CHARS),
    style.bold(row.workflow),
    row.step,
    row.scope,
    String(row.hits),
    row.files === 0 ? '' : String(row.files),
    bytesText(row.bytes),
    timeText(row.used_at),
    printable([row.label ?? '', ...row.tags.map((tag) => `#${tag}`)].join(' ').trim()),
  ]);
  const head = ['KEY', 'WORKFLOW', 'STEP', 'SCOPE', 'HITS', 'FILES', 'SIZE', 'LAST USED', ''];
  cli.print({ results: rows }, tableLines(head, cells, cli.tableColumns).join('\n'));
  return EXIT.done;
}

async function remove(
  cli: Cli,
  keys: readonly string[],
  { all, ...filter }: Filter & { all?: boolean },
): Promise<number> {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  if ([keys.length > 0, isFiltered, all === true].filter(Boolean).length !== 1)
    throw new Refusal({
      code: 'invalid_input',
      message: 'expected keys, or `--workflow`, `--step` or `--tag`, or `--all`',
      hint: 'belay cache ls shows what is there',
    });
  const { cache } = await cli.belay();
  let removed = 0;
  for (const query of keys.length > 0 ? keys.map(wholeKey) : [filter]) {
    for (;;) {
      const found = cache.list({ ...query, limit: PAGE }).map(({ key }) => key);
      if (found.length === 0) break;
      removed += cache.remove(found);
    }
  }
  cli.print({ removed }, `removed ${removed} ${removed === 1 ? 'result' : 'results'}`);
  return EXIT.done;
}

function wholeKey(typed: string): { readonly key: string } {
  if (/^[0-9a-f]{6,64}$/.test(typed)) return { key: typed };
  throw new Refusal({
    code: 'invalid_input',
    message: `a key is at least ${KEY_CHARS_MIN} hexadecimal digits, found \`${printable(typed)}\``,
    hint: 'belay cache ls shows them',
  });
}

async function stats(cli: Cli): Promise<number> {
  const { cache } = await cli.belay();
  const { entries, bytes, bytesMax, entriesMax, hits, misses, kept, evicted, savedMs } = cache.stats();
  const asked = hits + misses;
  const rate = asked === 0 ? undefined : hits / asked;
  cli.print(
    {
      entries,
      entries_max: entriesMax,
      bytes,
      bytes_max: bytesMax,
      hits,
      misses,
      ...(rate !== undefined && { hit_rate: rate }),
      kept,
      evicted,
      saved_ms: savedMs,
    },
    [
      `${entries} ${entries === 1 ? 'result' : 'results'}, ${bytesText(bytes)} of ${bytesText(bytesMax)}`,
      `${hits} hits, ${misses} misses${rate === undefined ? '' : ` (${Math.round(rate * 100)} % hits)`}`,
      `${kept} kept, ${evicted} removed to make room`,
      `${durationText(savedMs)} saved`,
    ].join('\n'),
  );
  return EXIT.done;
}
