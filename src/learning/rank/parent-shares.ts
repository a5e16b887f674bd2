/**
 * Brings the shares of templates into line with those of their stubs, which are the surer ones: how likely a stub is at
 * all, the level above knows best; which of its templates it will be, is for this level to say.
 */
import type { LabelEntry } from './label-entry.ts';

/** How much the level above has to say: 0 nothing, 1 all. */
const TRUST = 0.7;
/** Of a parent that the level above does not name. */
const SHARE_MIN = 1e-4;
const SUM_MIN = 1e-300;

/** The candidates' shares, moved so that those of one parent together come nearer to the parent's own share. */
export function sharesByParent(
  shares: Float64Array,
  entries: readonly LabelEntry[],
  parents: ReadonlyMap<string, number>,
): Float64Array {
  const sums = new Map<string, number>();
  for (const [c, { parent }] of entries.entries())
    sums.set(parent, (sums.get(parent) ?? 0) + (shares[c] as number));
  const gains = new Map<string, number>();
  let total = 0;
  for (const [parent, found] of sums) {
    const sum = Math.max(found, SUM_MIN);
    const moved = sum ** (1 - TRUST) * ((parents.get(parent) ?? 0) + SHARE_MIN) ** TRUST;
    gains.set(parent, moved / sum);
    total += moved;
  }
  return shares.map((share, c) => (share * (gains.get((entries[c] as LabelEntry).parent) as number)) / total);
}

/**
 * The shares that the weights answer for when candidate `truth` came, as the slope of its moved share has it: the parent
 * was for the most part not theirs to choose, so the candidates of the true parent bear most of the error.
 */
export function sharesAnswered(
  shares: Float64Array,
  entries: readonly LabelEntry[],
  truth: number,
): Float64Array {
  const { parent } = entries[truth] as LabelEntry;
  let sum = 0;
  for (const [c, entry] of entries.entries()) if (entry.parent === parent) sum += shares[c] as number;
  return shares.map((share, c) => {
    const within = (entries[c] as LabelEntry).parent === parent ? share / Math.max(sum, SUM_MIN) : 0;
    return (1 - TRUST) * share + TRUST * within;
  });
}
