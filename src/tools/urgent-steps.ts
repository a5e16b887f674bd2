/** Which rows of a large run are shown: those that somebody has to know about come before those that went well. */
import type { StepStatus } from '../engine/core/events.ts';

interface Row {
  readonly id: string;
  readonly status: StepStatus;
}

const FAILED: readonly StepStatus[] = ['failed', 'soft_failed', 'interrupted', 'undo_failed'];
const UNDER_WAY: readonly StepStatus[] = ['running', 'waiting'];

/** The most urgent `max` rows, in the order they came in. */
export function urgentSteps<T extends Row>(rows: readonly T[], max: number): readonly T[] {
  if (rows.length <= max) return rows;
  // the sort is stable: rows that are equally urgent stay in order
  const chosen = new Set(rows.toSorted((a, b) => rank(a) - rank(b)).slice(0, max));
  return rows.filter((row) => chosen.has(row));
}

/** What goes on inside a loop is summed up in the loop's own row. */
function rank({ id, status }: Row): number {
  if (FAILED.includes(status)) return 0;
  if (UNDER_WAY.includes(status)) return 1;
  return id.includes('[') ? 3 : 2;
}
