/**
 * What is usual before anything was learned here: the commands of agents and people at large, as counts and weights that
 * the rankers start from. Made once of public histories, without values: only labels that came in several sessions, what
 * followed what, and which words speak for which label.
 */
import type { Result } from '../../engine/core/failure.ts';
import { CountTable } from '../rank/count-table.ts';
import { SPARSE_SLOTS, type TableStart } from '../rank/mixer.ts';
import { isText, must, mustCount, mustList, wholeState } from '../state-check.ts';

const LABELS_MAX = 10_000;
const ROWS_MAX = 60_000;
const ROW_LABELS_MAX = 40;
const TIMES_MAX = 1_000_000;
/** Of the weights' whole numbers. */
export const WEIGHT_STEP = 0.02;

/** What is usual at one level. */
export interface LevelHabits extends TableStart {
  /** Numbered from 1 in this order. */
  readonly labels: readonly HabitLabel[];
  /** What followed which context. */
  readonly rows: CountTable;
}

export interface HabitLabel {
  readonly label: string;
  /** The label of the level above. */
  readonly parent: string;
  readonly times: number;
}

export interface Habits {
  /** Another edition has other labels: a model goes on only with the one that it began with. */
  readonly edition: string;
  readonly levels: readonly LevelHabits[];
}

/** The same in a file: lists of whole numbers; keys and slots as the distances between them. */
export interface HabitsDocument {
  readonly edition: string;
  readonly levels: readonly LevelDocument[];
}

export interface LevelDocument {
  readonly labels: readonly string[];
  readonly parents: readonly string[];
  readonly times: readonly number[];
  readonly keys: readonly number[];
  /** How many labels follow each key; their numbers and counts, one key behind the other. */
  readonly sizes: readonly number[];
  readonly ids: readonly number[];
  readonly counts: readonly number[];
  readonly slots: readonly number[];
  readonly weights: readonly number[];
}

/** The error says what is wrong with the document. */
export function readHabits(document: unknown): Result<Habits, string> {
  return wholeState(() => {
    const { edition, levels } = document as HabitsDocument;
    must(isText(edition) && edition !== '', 'an edition');
    must(Array.isArray(levels) && levels.length <= 3, 'a list of levels');
    return { edition, levels: levels.map(readLevel) };
  });
}

function readLevel(level: LevelDocument): LevelHabits {
  const { labels, parents, times, slots, weights } = level;
  for (const texts of [labels, parents]) mustList(texts, LABELS_MAX, isText);
  must(parents.length === labels.length && times.length === labels.length, 'as many counts as labels');
  for (const count of times) mustCount(count, TIMES_MAX, 'how often a label came');
  must(weights.length === slots.length, 'a weight for each slot');
  const places = summed(slots);
  must((places.at(-1) ?? 0) < SPARSE_SLOTS && isAscending(places), 'slots of the table');
  return {
    labels: labels.map((label, i) => ({
      label,
      parent: parents[i] as string,
      times: Math.max(1, times[i] as number),
    })),
    rows: readRows(level),
    slots: places,
    weights: weighed(weights),
  };
}

function readRows({ labels, keys, sizes, ids, counts }: LevelDocument): CountTable {
  const totals = new Float64Array(keys.length);
  for (let row = 0, at = 0; row < sizes.length; row += 1) {
    for (let i = 0; i < (sizes[row] as number); i += 1, at += 1) {
      must((ids[at] as number) >= 1 && (ids[at] as number) <= labels.length, 'numbers of labels');
      totals[row] = (totals[row] as number) + (counts[at] as number);
    }
  }
  const rows = new CountTable(ROWS_MAX, ROW_LABELS_MAX);
  rows.restore({
    keys: summed(keys),
    sizes: Uint16Array.from(sizes),
    totals,
    // how lately something came elsewhere says nothing here
    fadingTotals: new Float64Array(keys.length),
    used: new Uint8Array(keys.length),
    hand: 0,
    ids: Int32Array.from(ids),
    counts: Uint32Array.from(counts),
    fading: new Float32Array(ids.length),
  });
  return rows;
}

// Loops: there are half a million of these numbers, and somebody waits for the first answer.

function summed(distances: readonly number[]): Uint32Array {
  const sums = new Uint32Array(distances.length);
  for (let i = 0, sum = 0; i < distances.length; i += 1) {
    sum += distances[i] as number;
    sums[i] = sum;
  }
  return sums;
}

function weighed(steps: readonly number[]): Float32Array {
  const weights = new Float32Array(steps.length);
  for (let i = 0; i < steps.length; i += 1) weights[i] = (steps[i] as number) * WEIGHT_STEP;
  return weights;
}

function isAscending(numbers: Uint32Array): boolean {
  for (let i = 1; i < numbers.length; i += 1)
    if ((numbers[i] as number) <= (numbers[i - 1] as number)) return false;
  return true;
}
