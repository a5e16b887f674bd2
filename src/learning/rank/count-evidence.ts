/** What a row of counts says of each candidate, beyond a base estimate of its share. */
import type { CountRow } from './count-table.ts';

const DISCOUNT = 0.75;

/** Where each candidate's number is, by its id. */
type Places = ReadonlyMap<number, number>;

/** Interpolated absolute discounting (Ney et al. 1994): moves the shares by what each row saw, the broadest row first. */
export function interpolate(
  shares: Float64Array,
  rows: readonly (CountRow | undefined)[],
  places: Places,
): void {
  for (const row of rows) {
    if (!row) continue;
    const rest = (DISCOUNT * row.ids.length) / row.total;
    for (let c = 0; c < shares.length; c += 1) shares[c] = rest * (shares[c] as number);
    for (let j = 0; j < row.ids.length; j += 1) {
      const c = places.get(row.ids[j] as number);
      if (c === undefined) continue;
      shares[c] = (shares[c] as number) + Math.max((row.counts[j] as number) - DISCOUNT, 0) / row.total;
    }
  }
}

export interface CountColumns {
  /** The first of two: what the counts say, then what the fading ones say. */
  readonly column: number;
  /** Of a candidate's row of features. */
  readonly width: number;
  readonly prior: number;
  readonly fadingPrior: number;
}

/** What a row does not know says the same of each candidate, so only the others cost a logarithm. */
export function fillCounts(
  into: Float64Array,
  { ids, counts, fading, total, fadingTotal }: CountRow,
  places: Places,
  base: Float64Array,
  { column, width, prior, fadingPrior }: CountColumns,
): void {
  const unknown = Math.log(prior / (total + prior));
  const unknownLately = Math.log(fadingPrior / (fadingTotal + fadingPrior));
  for (let c = 0, i = column; c < base.length; c += 1, i += width) {
    into[i] = unknown;
    into[i + 1] = unknownLately;
  }
  for (let j = 0; j < ids.length; j += 1) {
    const c = places.get(ids[j] as number);
    if (c === undefined) continue;
    const p = base[c] as number;
    const i = c * width + column;
    into[i] = Math.log(((counts[j] as number) + prior * p) / (total + prior) / p);
    into[i + 1] = Math.log(((fading[j] as number) + fadingPrior * p) / (fadingTotal + fadingPrior) / p);
  }
}
