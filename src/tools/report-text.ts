/**
 * A report as Markdown. Whatever comes from a run is written so that it cannot become a heading, a row or a link of the
 * page: values stand in code, names in a table lose what would end their cell.
 */
import { bytesText } from '../engine/core/bytes-text.ts';
import type { Report } from './report-schema.ts';
import { visiblePath } from './visible-path.ts';

/** Rows of one table; the JSON has all of them. */
const ROWS_MAX = 200;
const VALUE_CHARS_MAX = 2_000;
const LOGS_MAX = 5;
const PATHS_MAX = 10;

export function reportText(report: Report): string {
  const parts = [
    head(report),
    values('Inputs', report.inputs),
    table('Steps', ['Step', 'Type', 'Status', 'Attempts', 'Time', 'Result'], report.steps.map(stepRow)),
    logs(report),
    values('Outputs', report.outputs),
    table('Artifacts', ['Name', 'Size', 'Type', 'Step', 'sha256'], report.artifacts.map(artifactRow)),
    table('Inputs from other runs', ['Input', 'Reference', 'Run', 'sha256'], report.given.map(givenRow)),
    changes(report),
    table('Questions', ['Question', 'Step', 'Status', 'Answer', 'Who'], report.questions.map(questionRow)),
    table(
      'Checkpoints',
      ['Checkpoint', 'Before', 'Taken', 'Files', 'Size'],
      report.checkpoints.map(checkpointRow),
    ),
    rollback(report),
    list('Warnings', report.warnings.map(plain)),
    table('What was asked of the run', ['When', 'What', 'Who', 'About'], report.acts.map(actRow)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function head(report: Report): string {
  const { progress, finished_at, started_at } = report;
  const lines = [
    `- Run: ${code(report.run_id)}${report.parent ? `, started by step ${code(report.parent.step)} of ${code(report.parent.run_id)}` : ''}`,
    `- Status: **${report.status}**${report.reason === undefined ? '' : `: ${plain(report.reason)}`}`,
    `- Steps: ${progress.done} of ${progress.total} done`,
    ...(report.intent === undefined ? [] : [`- Purpose: ${plain(report.intent)}`]),
    `- Created: ${report.created_at} by ${code(report.created_by)}`,
    ...(started_at === undefined ? [] : [`- Started: ${started_at}`]),
    ...(finished_at === undefined ? [] : [`- Finished: ${finished_at}`]),
    `- Duration: ${durationText(report.duration_ms)}`,
    `- Directory: ${code(report.cwd)}`,
    `- Definition: ${code(report.source)}, sha256 ${code(report.digest)}`,
  ];
  const title = `# ${plain(report.workflow)} ${plain(report.version)}: ${report.status}`;
  const note = `> The run has not finished: this is how far it was at ${report.reported_at}.`;
  return [title, ...(report.final ? [] : ['', note]), '', ...lines].join('\n');
}

function values(title: string, object: Report['inputs']): string {
  const lines = Object.entries(object).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `- ${code(name)}: ${text.includes('\n') ? `\n${indented(block(cut(text)))}` : code(cut(text))}`;
  });
  return lines.length === 0 ? '' : [`## ${title}`, '', ...lines].join('\n');
}

function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  // a bar would end the cell, in code too
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const left = rows.length - ROWS_MAX;
  return [
    `## ${title}`,
    '',
    row(columns),
    row(columns.map(() => '---')),
    ...rows.slice(0, ROWS_MAX).map(row),
    ...(left > 0 ? ['', `${left} more are in the report as JSON.`] : []),
  ].join('\n');
}

const list = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : [`## ${title}`, '', ...lines.map((line) => `- ${line}`)].join('\n');

function stepRow(step: Report['steps'][number]): readonly string[] {
  const exit = step.exit_code === undefined ? '' : `exit code ${step.exit_code}`;
  const result = step.error ? plain(step.error.message) : plain(step.reason ?? exit);
  const time = step.duration_ms === undefined ? '' : durationText(step.duration_ms);
  return [code(step.id), plain(step.type), step.status, String(step.attempts), time, result];
}

function logs({ steps }: Report): string {
  const told = steps.filter(({ log, error }) => error && log !== undefined && log !== '');
  return told
    .slice(0, LOGS_MAX)
    .map(({ id, log = '' }) => [`### The end of the log of ${code(id)}`, '', block(log)].join('\n'))
    .join('\n\n');
}

const artifactRow = (each: Report['artifacts'][number]): readonly string[] => [
  code(each.name),
  bytesText(each.size),
  plain(each.media_type),
  each.step === undefined ? '' : code(each.step),
  code(each.sha256),
];

const givenRow = (each: Report['given'][number]): readonly string[] => [
  code(each.input),
  code(each.reference),
  code(each.run_id),
  code(each.sha256),
];

function changes({ changes: all }: Report): string {
  if (all.steps.length === 0) return '';
  const lines = all.steps.flatMap((each) => {
    const paths = each.shown
      .slice(0, PATHS_MAX)
      .map(({ path, kind }) => `  - ${kind} ${code(visiblePath(path))}`);
    const left = each.created + each.changed + each.deleted - paths.length;
    const beside = each.beside ? `, beside ${each.beside.map(code).join(', ')}` : '';
    const unknown = each.unknown === undefined ? '' : `, not known: ${plain(each.unknown)}`;
    return [
      `- ${code(each.step)}: ${each.created} created, ${each.changed} changed, ${each.deleted} deleted${beside}${unknown}`,
      ...paths,
      ...(left > 0 ? [`  - and ${left} more`] : []),
    ];
  });
  return ['## Changed on disk', '', ...lines].join('\n');
}

function questionRow(question: Report['questions'][number]): readonly string[] {
  const { question_id, step, status, answer, answered_by, via } = question;
  const said = answer === undefined ? '' : code(cut(JSON.stringify(answer)));
  const who = answered_by === undefined ? '' : `${code(answered_by)}${via ? ` (${via})` : ''}`;
  return [`${code(question_id)} ${plain(question.prompt)}`, code(step), status, said, who];
}

const checkpointRow = (each: Report['checkpoints'][number]): readonly string[] => [
  code(each.id),
  code(each.step),
  each.at,
  String(each.files),
  bytesText(each.bytes),
];

function rollback({ rollback: back }: Report): string {
  if (!back) return '';
  const { items, files } = back;
  const lines = [
    `${back.strategy}, asked for by ${code(back.by)}: **${back.status}**`,
    `${items.done} of ${items.total} taken back, ${items.failed} failed, ${items.left} left, ${items.open} open`,
    ...(files
      ? [
          `files: ${files.created} created, ${files.changed} changed, ${files.deleted} deleted, ${files.kept} kept`,
        ]
      : []),
    ...back.problems.map(
      ({ step, checkpoint, message, instruction }) =>
        `${code(step ?? checkpoint ?? '')}: ${plain(message)}; ${plain(instruction)}`,
    ),
    ...back.left.map(({ step, why }) => `${code(step)} stays as it is: ${plain(why)}`),
  ];
  return list('Rollback', lines);
}

const actRow = ({ at, did, by, about = '' }: Report['acts'][number]): readonly string[] => [
  at,
  did.replaceAll('_', ' '),
  code(by),
  plain(about),
];

/** Words of a run in a line: nothing in them is markup, and a line stays one. */
const plain = (text: string): string =>
  cut(text)
    .replace(/[\\`*_{}[\]<>#!~]/g, '\\$&')
    .replace(/\s*\n\s*/g, ' ');

/** A value as it is, in one line. */
function code(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ');
  if (line === '') return '';
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

function block(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return [`${fence}text`, text.replace(/\n$/, ''), fence].join('\n');
}

const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

const indented = (text: string): string => text.replace(/^/gm, '  ');

const cut = (text: string): string =>
  text.length <= VALUE_CHARS_MAX ? text : `${text.slice(0, VALUE_CHARS_MAX)}… ${text.length} characters`;

function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
