/** An analysis for people: a line of totals, a line of days, tables of what is worth a look. */
import type { Analytics } from '../tools/analytics/analytics-schema.ts';
import type { Cli } from './cli.ts';
import { sparkline } from './sparkline.ts';
import { printable } from './style.ts';
import { tableLines } from './table.ts';
import { durationText, timeText } from './time-text.ts';

const ROWS_MAX = 10;

const percent = (share: number | undefined): string =>
  share === undefined ? '' : `${Math.round(share * 100)} %`;
const time = (ms: number | undefined): string => (ms === undefined ? '' : durationText(ms));
const oneLine = (text: string): string => printable(text).replaceAll('\n', ' ');

export function analyticsTables(cli: Cli, found: Analytics): string {
  if (found.totals.runs === 0) return 'no runs to count';
  const table = (
    title: string,
    head: readonly string[],
    rows: readonly (readonly string[])[],
  ): readonly string[] =>
    rows.length === 0
      ? []
      : [
          '',
          cli.terminal.style('out').bold(title),
          ...tableLines(head, rows.slice(0, ROWS_MAX), cli.tableColumns),
        ];
  return [
    ...headLines(found),
    ...table('workflows', ['RUNS', 'OK', 'P50', 'P95', 'LAST', 'WORKFLOW'], workflowRows(found)),
    ...table('slowest steps', ['P50', 'P95', 'RUNS', 'STEP'], slowRows(found)),
    ...table('flakiest steps', ['FAILED', 'OF', 'SHARE', 'RECOVERED', 'STEP'], flakyRows(found)),
    ...table('failures', ['TIMES', 'CODE', 'LAST RUN', 'STEPS', 'WHAT'], failureRows(found)),
    ...table(
      'warnings',
      ['WORKFLOW', 'WHAT'],
      found.warnings.map((each) => [each.workflow, oneLine(each.text)]),
    ),
    ...proposalLines(cli, found),
  ].join('\n');
}

function headLines({
  totals,
  success_rate: rate,
  duration_ms: took,
  days,
  cache,
  rests_on: rests,
}: Analytics) {
  const counts = Object.entries(totals).flatMap(([status, count]) =>
    status === 'runs' ? [] : [`${count} ${status}`],
  );
  const parts = [
    `${totals.runs} ${totals.runs === 1 ? 'run' : 'runs'}: ${counts.join(', ')}`,
    ...(rate === undefined ? [] : [`${percent(rate)} went well`]),
    ...(took ? [`p50 ${time(took.p50)}, p95 ${time(took.p95)}`] : []),
  ];
  const [first, last] = [days[0], days.at(-1)];
  const runs = sparkline(days.map((each) => each.runs));
  const failed = sparkline(days.map((each) => each.failed));
  return [
    parts.join('; '),
    ...(first && last && days.length > 1
      ? [`runs a day    ${runs}  ${first.day} to ${last.day}`, `failed a day  ${failed}`]
      : []),
    ...(cache.hits + cache.misses > 0
      ? [
          `cache: ${cache.hits} of ${cache.hits + cache.misses} steps came from it, ${time(cache.saved_ms)} saved`,
        ]
      : []),
    ...(rests.complete
      ? []
      : [`steps and failures are those of the newest ${rests.read} of ${rests.finished} finished runs`]),
  ];
}

const workflowRows = ({ workflows }: Analytics) =>
  workflows.map((each) => [
    String(each.runs),
    percent(each.success_rate),
    time(each.duration_ms?.p50),
    time(each.duration_ms?.p95),
    timeText(each.last_run_at),
    each.workflow,
  ]);

const slowRows = ({ slowest_steps: steps }: Analytics) =>
  steps.map((each) => [
    time(each.p50_ms),
    time(each.p95_ms),
    String(each.n),
    `${each.workflow}/${each.step}`,
  ]);

const flakyRows = ({ flakiest_steps: steps }: Analytics) =>
  steps.map((each) => [
    String(each.failed_attempts),
    String(each.attempts),
    percent(each.failure_rate),
    String(each.recovered),
    `${each.workflow}/${each.step}`,
  ]);

const failureRows = ({ failure_patterns: patterns }: Analytics) =>
  patterns.map((each) => [
    String(each.count),
    each.code,
    each.last_run,
    each.steps.join(' '),
    oneLine(each.pattern),
  ]);

function proposalLines(cli: Cli, { proposals }: Analytics): readonly string[] {
  if (proposals.length === 0) return [];
  const style = cli.terminal.style('out');
  return [
    '',
    style.bold('proposals (nothing is changed by themselves)'),
    ...proposals
      .slice(0, ROWS_MAX)
      .flatMap(({ workflow, step, kind, why, diff }) => [
        `${workflow}/${step} ${kind.replace('_', ' ')}: ${oneLine(why)}`,
        ...(diff === undefined ? [] : [printable(diff).trimEnd()]),
      ]),
  ];
}
