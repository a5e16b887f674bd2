/**
 * Makes `templates/learning/habits.zst` of public histories: `npx node bench/habits.ts FOLDER`, a folder of files
 * in the form of the learning bench. Only what came in several sessions goes in, and no values: labels are stubs and typed
 * templates, everything else is counts and weights by hash.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { constants, zstdCompressSync } from 'node:zlib';
import {
  CommandModel,
  type CommandModelOptions,
  type CommandModelState,
} from '../src/learning/command-model.ts';
import {
  type HabitsDocument,
  type LevelDocument,
  readHabits,
  WEIGHT_STEP,
} from '../src/learning/habits/habits.ts';
import type { CountTableState } from '../src/learning/rank/count-table.ts';
import { LabelBook } from '../src/learning/rank/label-book.ts';
import type { MixerState } from '../src/learning/rank/mixer.ts';
import { redact } from '../src/learning/redact.ts';
import { readCommand } from '../src/learning/shell/read-command.ts';
import { type Row, readRows } from './learning-data.ts';
import type { Part } from './learning-next.ts';
import { readPages } from './tldr-page.ts';

/** Examples of tldr-pages, for the names of programs. */
export const PROGRAMS = 'tldr.jsonl.gz';
const OUT = 'templates/learning/habits.zst';
/**
 * Agents at work on code, agents at a shell; NOTICE names them. People in security exercises are left out: what they do next
 * is no habit to begin with.
 */
export const HABIT_SOURCES: readonly string[] = [
  'agent_specstory_first70.jsonl.gz',
  'agent_swebench_mini.jsonl.gz',
  'agent_intercode.jsonl.gz',
];
const ROW_LABELS_MAX = 40;
/** What fits into a weight's byte. */
const STEPS_MAX = 127;
const LEVELS = ['stub', 'template'] as const;
/** A label of fewer sessions says more of one person than of all. */
const SESSIONS_MIN = 3;
const TIMES_MIN = 6;
const WEIGHT_MIN = 0.15;
/** Own counts weigh more than those of others. */
const COUNT_SHARE = 0.3;
const ROWS_MAX = 2_000_000;
/** As many as the model remembers. */
const LABELS_MAX = 20_000;

/** What is typed and no program of its own. */
const WORDS_OF_SHELLS =
  'cd export source . [ [[ test set unset for while if read exit pushd popd exec eval alias history';
/** How the agents of one benchmark hand in their work. */
const ARTEFACTS = new Set(['echo <word> && git add -A && git diff --cached']);

export interface HabitsOptions extends CommandModelOptions {
  /** Names that are no secret and no slip of the keyboard. */
  readonly programs: ReadonlySet<string>;
}

/** The programs that tldr-pages know, from a file of their examples. */
export function knownPrograms(path: string): ReadonlySet<string> {
  const pages = readPages(path).flatMap(({ page, command }) => [page, command.split(' ')[0] as string]);
  return new Set([...pages, ...WORDS_OF_SHELLS.split(' ')]);
}

type RankerState = CommandModelState['rankers'][number];

/** What the sessions of all files have in common; files are mixed, so that none of them is the last word. */
export function habitsOf(files: readonly (readonly Row[])[], options: HabitsOptions): HabitsDocument {
  const rows = files
    .flatMap((file) => file.map((row, i) => ({ row, at: (i + 0.5) / file.length })))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
  const { rankers } = trained(rows, options);
  const levels = LEVELS.map((level, at) =>
    levelOf(rankers[at] as RankerState, sharedLabels(rows, level, options)),
  );
  const edition = createHash('sha256').update(serialize(levels)).digest('hex').slice(0, 12);
  return { edition, levels };
}

function trained(rows: readonly Row[], options: CommandModelOptions): CommandModelState {
  const model = new CommandModel({ ...options, rowsMax: ROWS_MAX });
  for (const { intent, commands, cwd, desc, rc } of rows) {
    const session = model.begin(intent);
    for (const [i, command] of commands.entries())
      model.learn(session, { place: cwd?.[i], intent: desc?.[i], command, exitCode: rc?.[i] });
  }
  return model.snapshot();
}

function sharedLabels(
  rows: readonly Row[],
  level: (typeof LEVELS)[number],
  { programs, read = readCommand }: HabitsOptions,
): ReadonlySet<string> {
  const sessions = new Map<string, number>();
  for (const { commands } of rows)
    for (const label of new Set(commands.map((command) => read(command)[level])))
      sessions.set(label, (sessions.get(label) ?? 0) + 1);
  const isShared = (label: string): boolean =>
    (sessions.get(label) ?? 0) >= SESSIONS_MIN &&
    programs.has(label.split(' ')[0] as string) &&
    !label.includes('\n') &&
    !ARTEFACTS.has(label) &&
    redact(label).text === label;
  return new Set([...sessions.keys()].filter(isShared));
}

function levelOf(
  { labels: state, rows: counted, frequent, mixer }: RankerState,
  shared: ReadonlySet<string>,
): LevelDocument {
  const book = new LabelBook(LABELS_MAX);
  book.restore(state);
  const numbers = new Map<number, number>();
  const labels: { label: string; parent: string; times: number }[] = [];
  for (let id = 1; id < state.next; id += 1) {
    const entry = book.entry(id);
    if (!entry || !shared.has(entry.label)) continue;
    const { label, parent, count } = entry;
    labels.push({ label, parent, times: Math.ceil(count * COUNT_SHARE) });
    numbers.set(id, labels.length);
  }
  const rows = [...rowsOf(counted, numbers), ...rowsOf(frequent, numbers)].sort((a, b) => a.key - b.key);
  const weights = weightsOf(mixer);
  return {
    labels: labels.map(({ label }) => label),
    parents: labels.map(({ parent }) => parent),
    times: Uint32Array.from(labels, ({ times }) => times),
    keys: Uint32Array.from(rows, ({ key }) => key),
    sizes: Uint16Array.from(rows, ({ ids }) => ids.length),
    ids: Int32Array.from(rows.flatMap(({ ids }) => ids)),
    counts: Uint32Array.from(rows.flatMap(({ counts }) => counts)),
    slots: Uint32Array.from(weights, ([slot]) => slot),
    weights: Int8Array.from(weights, ([, weight]) =>
      Math.max(-STEPS_MAX, Math.min(STEPS_MAX, Math.round(weight / WEIGHT_STEP))),
    ),
  };
}

interface HabitRow {
  readonly key: number;
  readonly ids: readonly number[];
  readonly counts: readonly number[];
}

function rowsOf(
  { keys, sizes, ids, counts }: CountTableState,
  numbers: ReadonlyMap<number, number>,
): readonly HabitRow[] {
  const rows: HabitRow[] = [];
  for (let row = 0, from = 0; row < keys.length; from += sizes[row] as number, row += 1) {
    const known = Array.from({ length: sizes[row] as number }, (_, i) => from + i)
      .map((at) => ({ id: numbers.get(ids[at] as number) ?? 0, times: counts[at] as number }))
      .filter(({ id }) => id > 0)
      .sort((a, b) => b.times - a.times)
      .slice(0, ROW_LABELS_MAX);
    if (known.reduce((sum, { times }) => sum + times, 0) < TIMES_MIN) continue;
    rows.push({
      key: keys[row] as number,
      ids: known.map(({ id }) => id),
      counts: known.map(({ times }) => Math.ceil(times * COUNT_SHARE)),
    });
  }
  return rows;
}

/** Small ones say nothing. */
function weightsOf({
  slots,
  sparse,
  table,
}: MixerState): readonly (readonly [slot: number, weight: number])[] {
  const learned =
    table.length > 0
      ? Array.from({ length: table.length / 2 }, (_, slot) => [slot, table[2 * slot] as number] as const)
      : Array.from(slots, (slot, at) => [slot, sparse[at] as number] as const);
  return learned.filter(([, weight]) => Math.abs(weight) >= WEIGHT_MIN);
}

/** The two halves of some rows, each with habits made of the other halves of all files. */
export function crossedHalves(
  files: readonly (readonly Row[])[],
  options: HabitsOptions,
): (rows: readonly Row[]) => readonly Part[] {
  const half = (rows: readonly Row[], at: number): readonly Row[] => {
    const middle = rows.length >> 1;
    return at === 0 ? rows.slice(0, middle) : rows.slice(middle);
  };
  const made = [1, 0].map((other) => {
    const read = readHabits(
      habitsOf(
        files.map((rows) => half(rows, other)),
        options,
      ),
    );
    if (!read.ok) throw new Error(read.error);
    return read.value;
  });
  return (rows) => made.map((habits, at) => ({ rows: half(rows, at), habits }));
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('no data: name a folder of files (`npx node bench/habits.ts FOLDER`)');
  const files = HABIT_SOURCES.map((name) => readRows(join(folder, name)));
  const habits = habitsOf(files, { programs: knownPrograms(join(folder, PROGRAMS)) });
  const packed = zstdCompressSync(serialize(habits), {
    params: { [constants.ZSTD_c_compressionLevel]: 19 },
  });
  writeFileSync(OUT, packed);
  process.stdout.write(`${packed.length} bytes in ${OUT}\n`);
}
