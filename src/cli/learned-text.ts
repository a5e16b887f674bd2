/** What learning knows, took in and forgot, for people. */

import { bytesText } from '../engine/core/bytes-text.ts';
import type { SkipReason } from '../learning/import/reading.ts';
import type { Forgotten } from '../store/learning/forget-sessions.ts';
import type { ImportReport, SkippedPath } from '../tools/import/import-histories.ts';
import type { LearnedSummary } from '../tools/import/learned-summary.ts';
import type { PackSize } from '../tools/packs/pack-file.ts';
import type { Cli } from './cli.ts';
import { printable } from './style.ts';
import { tableLines } from './table.ts';
import { timeText } from './time-text.ts';

const SKIPPED_SHOWN = 20;

const SKIP_WORDS: { readonly [reason in SkipReason]: string } = {
  too_long: 'too long',
  binary: 'not text',
  broken: 'broken',
  not_run: 'not run',
  deleted: 'deleted there',
  old: 'older than what is kept',
};

const PATH_WORDS: { readonly [why in SkippedPath['why']]: string } = {
  missing: 'there is no such file or folder',
  unreadable: 'cannot be read',
  too_many: 'too many files: the rest was not looked at',
  too_deep: 'too many folders inside each other',
  not_a_file: 'no regular file',
  too_large: 'too large',
  empty: 'empty',
  binary: 'not text',
  unknown: 'no kind of history that is known (belay learn --help names them)',
  broken: 'broken',
};

const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

export function forgottenText({ steps, sessions, words }: Forgotten, hasPacks: boolean): string {
  if (hasPacks && steps + words === 0) return 'all packs';
  const whole = sessions > 0 ? ` (${many(sessions, 'whole session')})` : '';
  const others = words > 0 ? `, and the words of ${many(words, 'other place')}` : '';
  return `${many(steps, 'command')}${whole}${others}${hasPacks ? ' and all packs' : ''}`;
}

export const packText = ({ sources, commands, pairs }: PackSize): string =>
  `${many(commands, 'kind')} of commands and ${many(pairs, 'pair')} from ${many(sources, 'source')}`;

type Summary = Omit<LearnedSummary, 'newestAt'> & { readonly newest_at?: string; readonly packs: number };

export function summaryText(known: Summary, cli: Cli): string {
  const { sessions, commands, sources, projects, bytes, newest_at: newest, packs } = known;
  const others = packs === 0 ? undefined : `packs of ${many(packs, 'other')}`;
  if (commands === 0)
    return others === undefined ? 'nothing is learned yet' : `nothing is learned yet but ${others}`;
  const style = cli.terminal.style('out');
  const bySource = sources.map((each) => [
    String(each.commands),
    String(each.sessions),
    style.bold(each.source),
  ]);
  const byProject = projects.map((each) => [
    String(each.commands),
    String(each.sessions),
    printable(each.project === '' ? '(unknown)' : each.project),
  ]);
  const until = newest === undefined ? '' : `, the newest of ${timeText(newest)}`;
  return [
    `${many(commands, 'command')} in ${many(sessions, 'session')}, ${bytesText(bytes)}${until}`,
    ...(others === undefined ? [] : [`and from ${others}`]),
    '',
    ...tableLines(['COMMANDS', 'SESSIONS', 'SOURCE'], bySource, cli.tableColumns),
    '',
    ...tableLines(['COMMANDS', 'SESSIONS', 'PROJECT'], byProject, cli.tableColumns),
  ].join('\n');
}

export function importText({ files, skipped, commands, sessions }: ImportReport, cli: Cli): string {
  const style = cli.terminal.style('out');
  const rows = files.map((file) => [
    style.bold(file.kind),
    String(file.commands),
    String(file.sessions),
    file.known === 0 ? '' : String(file.known),
    skipText(file.skipped),
    printable(file.path),
  ]);
  const head = ['KIND', 'COMMANDS', 'SESSIONS', 'KNOWN', 'SKIPPED', 'FILE'];
  return [
    ...(rows.length > 0 ? tableLines(head, rows, cli.tableColumns) : []),
    ...skippedLines(skipped),
    `learned ${many(commands, 'command')} in ${many(sessions, 'session')} from ${many(files.length, 'file')}`,
  ].join('\n');
}

const skipText = (skipped: ImportReport['files'][number]['skipped']): string =>
  Object.entries(skipped)
    .map(([reason, count]) => `${count} ${SKIP_WORDS[reason as SkipReason]}`)
    .join(', ');

function skippedLines(skipped: readonly SkippedPath[]): readonly string[] {
  const shown = skipped.slice(0, SKIPPED_SHOWN);
  const more = skipped.length - shown.length;
  return [
    ...shown.map(({ path, why }) => `skipped ${printable(path)}: ${PATH_WORDS[why]}`),
    ...(more > 0 ? [`skipped ${more} more`] : []),
  ];
}
