/** What the counts say of each value, beyond a base estimate (interpolated absolute discounting, Ney et al. 1994). */
import { fillCounts, interpolate } from '../rank/count-evidence.ts';
import type { CountRow } from '../rank/count-table.ts';
import type { SlotEvidence } from './slot-candidates.ts';
import { COLUMN, ROW_COLUMNS, WIDTH } from './slot-columns.ts';
import { CHAIN } from './slot-situation.ts';

const PRIOR = 2;
const LATELY_PRIOR = 0.5;
const BASE_START = 0.5;
const BASE_MIN = 1e-5;
/** About what the logarithm of a base is, so that the weights need no shift. */
const BASE_SHIFT = 3;
const NEARBY_PRIOR = 0.2;
const MOST_FLOOR = 0.02;

/** `into`: one row of `WIDTH` numbers for each candidate. */
export function fillRows({ candidates, rows, nearby }: SlotEvidence, into: Float64Array): void {
  const at = new Map(candidates.map(({ id }, c) => [id, c]));
  const base = baseOf(candidates.length, rows, at);
  for (let c = 0; c < candidates.length; c += 1)
    into[c * WIDTH + COLUMN.base] = Math.log(base[c] as number) + BASE_SHIFT;
  for (const [i, row] of rows.entries()) {
    if (!row) continue;
    const column = ROW_COLUMNS * i;
    fillCounts(into, row, at, base, { column, width: WIDTH, prior: PRIOR, fadingPrior: LATELY_PRIOR });
    fillNewest(into, column + 2, row, at);
  }
  if (nearby.length > 0) fillNearby(into, nearby, at, base);
}

function baseOf(
  candidates: number,
  rows: SlotEvidence['rows'],
  at: ReadonlyMap<number, number>,
): Float64Array {
  const base = new Float64Array(candidates).fill(BASE_START / (candidates + 5));
  interpolate(base, rows.slice(0, CHAIN), at);
  return base.map((share) => Math.max(share, BASE_MIN));
}

/** Marks the value that came last. */
function fillNewest(
  into: Float64Array,
  column: number,
  { ids, fading }: CountRow,
  at: ReadonlyMap<number, number>,
): void {
  let newest = 0;
  for (let j = 0; j < ids.length; j += 1) if ((fading[j] as number) > (fading[newest] as number)) newest = j;
  const c = at.get(ids[newest] as number);
  if (c !== undefined) into[c * WIDTH + column] = 1;
}

function fillNearby(
  into: Float64Array,
  nearby: readonly CountRow[],
  at: ReadonlyMap<number, number>,
  base: Float64Array,
): void {
  const sums = new Float64Array(base.length);
  const most = new Float64Array(base.length);
  for (const { ids, counts, total } of nearby) {
    for (let j = 0; j < ids.length; j += 1) {
      const c = at.get(ids[j] as number);
      if (c === undefined) continue;
      const share = (counts[j] as number) / (total + 2);
      sums[c] = (sums[c] as number) + share;
      most[c] = Math.max(most[c] as number, share);
    }
  }
  for (let c = 0; c < base.length; c += 1) {
    const p = base[c] as number;
    const mean = ((sums[c] as number) + NEARBY_PRIOR * p) / (nearby.length + NEARBY_PRIOR);
    into[c * WIDTH + COLUMN.nearby] = Math.log(mean / p);
    into[c * WIDTH + COLUMN.mostNearby] = Math.log((most[c] as number) + MOST_FLOOR) + BASE_SHIFT;
  }
}
