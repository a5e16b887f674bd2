/**
 * `npm run bench:learning`: the learning engine under the prequential protocol. With files: one JSON line for each
 * file, level and measure. Without: all files of the folder that `BELAY_EVAL_DATA` names, as a table beside the
 * reference figures. `--scale` measures time and memory over a million synthetic commands instead.
 * The next command is measured twice, with the habits that a model begins with and from nothing. Habits are made of the
 * files of that folder, so in the table each half of a file is measured with habits made of the other halves, and once more
 * without any.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bundledHabits } from '../src/tools/prior/bundled-habits.ts';
import { crossedHalves, HABIT_SOURCES, knownPrograms, PROGRAMS } from './habits.ts';
import { type Row, readRows } from './learning-data.ts';
import { type Part, scoreNext } from './learning-next.ts';
import { scoreFailures, scoreMining, scoreSlots } from './learning-others.ts';
import { measureScale } from './learning-scale.ts';
import { type Line, tableOf } from './learning-table.ts';

const say = (line: Line): void => void process.stdout.write(`${JSON.stringify(line, rounded)}\n`);
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(4)) : value;

const args = process.argv.slice(2);
const folder = process.env.BELAY_EVAL_DATA;
if (args[0] === '--scale') {
  process.stdout.write(`${JSON.stringify(await measureScale(Number(args[1] ?? 1_000_000)))}\n`);
} else if (args.length > 0) {
  for (const path of args) {
    try {
      for (const line of measure(path, shipped)) say(line);
    } catch (error) {
      process.stderr.write(`cannot measure \`${path}\`: ${error instanceof Error ? error.message : error}\n`);
      process.exitCode = 2;
    }
  }
} else if (folder) {
  const files = readdirSync(folder).filter((name) => /\.jsonl(?:\.gz)?$/.test(name));
  const halves = crossedHalves(
    HABIT_SOURCES.map((name) => readRows(join(folder, name))),
    {
      programs: knownPrograms(join(folder, PROGRAMS)),
    },
  );
  const parts = (rows: readonly Row[], name: string): readonly Part[] =>
    HABIT_SOURCES.includes(name) ? halves(rows) : shipped(rows);
  const lines = files.sort().flatMap((name) => [...measure(join(folder, name), parts)]);
  process.stdout.write(tableOf(lines));
} else {
  process.stderr.write(
    'no data: give files (`npm run bench:learning -- FILE.jsonl …`) or name a folder of them in BELAY_EVAL_DATA\n',
  );
  process.exitCode = 2;
}

function shipped(rows: readonly Row[]): readonly Part[] {
  return [{ rows, habits: bundledHabits() }];
}

function* measure(
  path: string,
  withHabits: (rows: readonly Row[], name: string) => readonly Part[],
): Generator<Line> {
  const file = basename(path).replace(/\.jsonl(?:\.gz)?$/, '');
  const rows = readRows(path);
  if (rows.length === 0) return;
  for (const told of [false, ...(hasWords(rows) ? [true] : [])]) {
    const measure = told ? 'next_with_step_text' : 'next';
    const parts = withHabits(rows, basename(path));
    const nothing = { habits: undefined };
    const measured: readonly (readonly [string, readonly Part[]])[] = [
      [measure, parts],
      [`${measure}_from_nothing`, [{ rows, ...nothing }]],
      // a half begins anew: what it gains from habits shows beside the same half without
      ...(parts.length > 1
        ? [[`${measure}_halves_from_nothing`, parts.map((part) => ({ ...part, ...nothing }))] as const]
        : []),
    ];
    for (const [name, sessions] of measured)
      for (const { level, ...score } of scoreNext(sessions, told))
        yield { file, level, measure: name, ...score };
  }
  for (const told of [false, ...(hasWords(rows) ? [true] : [])]) {
    const failures = scoreFailures(rows, told);
    if (failures)
      yield { file, level: 'raw', measure: told ? 'failure_with_step_text' : 'failure', ...failures };
  }
  for (const told of [false, ...(hasWords(rows) ? [true] : [])]) {
    for (const known of ['stub', 'template'] as const) {
      const measure = `${known === 'stub' ? 'slots' : 'slots_of_template'}${told ? '_with_step_text' : ''}`;
      yield { file, level: 'raw', measure, ...scoreSlots(rows, told, known) };
    }
  }
  yield { file, level: 'stub', measure: 'mined', n: rows.length, ...scoreMining(rows) };
}

function hasWords(rows: readonly Row[]): boolean {
  return rows.some(({ desc }) => desc?.some((words) => words));
}
