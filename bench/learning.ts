/**
 * `npm run bench:learning`: the learning engine under the prequential protocol. With files: one JSON line for each
 * file, level and measure. Without: all files of the folder that `BELAY_EVAL_DATA` names, as a table beside the
 * reference figures. `--scale` measures time and memory over a million synthetic commands instead.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Row, readRows } from './learning-data.ts';
import { scoreNext } from './learning-next.ts';
import { scoreFailures, scoreMining, scoreSlots } from './learning-others.ts';
import { measureScale } from './learning-scale.ts';
import { type Line, tableOf } from './learning-table.ts';

const say = (line: Line): void => void process.stdout.write(`${JSON.stringify(line, rounded)}\n`);
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(4)) : value;

const args = process.argv.slice(2);
const folder = process.env.BELAY_EVAL_DATA;
if (args[0] === '--scale') {
  process.stdout.write(`${JSON.stringify(measureScale(Number(args[1] ?? 1_000_000)))}\n`);
} else if (args.length > 0) {
  for (const path of args) {
    try {
      for (const line of measure(path)) say(line);
    } catch (error) {
      process.stderr.write(`cannot measure \`${path}\`: ${error instanceof Error ? error.message : error}\n`);
      process.exitCode = 2;
    }
  }
} else if (folder) {
  const files = readdirSync(folder).filter((name) => /\.jsonl(?:\.gz)?$/.test(name));
  const lines = files.sort().flatMap((name) => [...measure(join(folder, name))]);
  process.stdout.write(tableOf(lines));
} else {
  process.stderr.write(
    'no data: give files (`npm run bench:learning -- FILE.jsonl …`) or name a folder of them in BELAY_EVAL_DATA\n',
  );
  process.exitCode = 2;
}

function* measure(path: string): Generator<Line> {
  const file = basename(path).replace(/\.jsonl(?:\.gz)?$/, '');
  const rows = readRows(path);
  if (rows.length === 0) return;
  for (const told of [false, ...(hasWords(rows) ? [true] : [])]) {
    for (const { level, ...score } of scoreNext(rows, told)) {
      yield { file, level, measure: told ? 'next_with_step_text' : 'next', ...score };
    }
  }
  for (const told of [false, ...(hasWords(rows) ? [true] : [])]) {
    const failures = scoreFailures(rows, told);
    if (failures)
      yield { file, level: 'raw', measure: told ? 'failure_with_step_text' : 'failure', ...failures };
  }
  for (const told of [false, ...(hasWords(rows) ? [true] : [])]) {
    yield { file, level: 'raw', measure: told ? 'slots_with_step_text' : 'slots', ...scoreSlots(rows, told) };
  }
  yield { file, level: 'stub', measure: 'mined', n: rows.length, ...scoreMining(rows) };
}

function hasWords(rows: readonly Row[]): boolean {
  return rows.some(({ desc }) => desc?.some((words) => words));
}
