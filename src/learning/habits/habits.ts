/**
 * What is usual before anything was learned here: the commands of agents at large, as counts and weights that
 * the rankers start from. Made once of public histories, without values: only labels that came in several sessions, what
 * followed what, and which words speak for which label.
 */
import type { Result } from '../../engine/core/failure.ts';
import { CountTable } from '../rank/count-table.ts';
import { SPARSE_SLOTS, type TableStart } from '../rank/mixer.ts';
import { isText, must, mustArray, mustList, wholeState } from '../state-check.ts';

const LABELS_MAX = 10_000;
const ROWS_MAX = 60_000;
const ROW_LABELS_MAX = 40;
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

/** The same as it lies in the file: flat, so that it is read in one go. */
export interface HabitsDocument {
  readonly edition: string;
  readonly levels: readonly LevelDocument[];
}

export interface LevelDocument {
  readonly labels: readonly string[];
  readonly parents: readonly string[];
  readonly times: Uint32Array;
  /** In ascending order. */
  readonly keys: Uint32Array;
  /** How many labels follow each key; their numbers and counts, one key behind the other. */
  readonly sizes: Uint16Array;
  readonly ids: Int32Array;
  readonly counts: Uint32Array;
  /** In ascending order. */
  readonly slots: Uint32Array;
  /** In steps of `WEIGHT_STEP`. */
  readonly weights: Int8Array;
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
  must(parents.length === labels.length, 'as many parents as labels');
  mustArray(times, Uint32Array, labels.length);
  mustArray(slots, Uint32Array, slots.length);
  mustArray(weights, Int8Array, slots.length);
  must((slots.at(-1) ?? 0) < SPARSE_SLOTS && isAscending(slots), 'slots of the table');
  return {
    labels: labels.map((label, i) => ({
      label,
      parent: parents[i] as string,
      times: Math.max(1, times[i] as number),
    })),
    rows: readRows(level),
    slots,
    weights: Float32Array.from(weights).map((steps) => steps * WEIGHT_STEP),
  };
}

function readRows({ labels, keys, sizes, ids, counts }: LevelDocument): CountTable {
  mustArray(ids, Int32Array, ids.length);
  mustArray(counts, Uint32Array, ids.length);
  const totals = new Float64Array(keys.length);
  for (let row = 0, at = 0; row < sizes.length; row += 1) {
    for (const end = at + (sizes[row] as number); at < end; at += 1) {
      must((ids[at] as number) >= 1 && (ids[at] as number) <= labels.length, 'numbers of labels');
      totals[row] = (totals[row] as number) + (counts[at] as number);
    }
  }
  const rows = new CountTable(ROWS_MAX, ROW_LABELS_MAX);
  rows.restore({
    keys,
    sizes,
    totals,
    // how lately something came elsewhere says nothing here
    fadingTotals: new Float64Array(keys.length),
    used: new Uint8Array(keys.length),
    hand: 0,
    ids,
    counts,
    fading: new Float32Array(ids.length),
  });
  return rows;
}

function isAscending(numbers: Uint32Array): boolean {
  for (let i = 1; i < numbers.length; i += 1)
    if ((numbers[i] as number) <= (numbers[i - 1] as number)) return false;
  return true;
}
