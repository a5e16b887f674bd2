/**
 * The nearest known names to a name that is not known. Owns the measure (edit distance with swaps,
 * letter case ignored), how far "near" reaches (a third of the word), and what looking may cost.
 */

const WORD_LENGTH_MAX = 64;
const NEAREST_MAX = 3;
/** So many known names still make a readable hint. */
const KNOWN_MAX = 16;

/** Cells of all distance tables that one definition may cost; spent in a hundredth of a second. */
const CELLS_MAX = 400_000;

/** What is left to spend on hints; once it is spent there are none. */
export class HintBudget {
  #left = CELLS_MAX;

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  spend(cells: number): void {
    this.#left -= cells;
  }
}

/** Candidates near `word`, nearest first, at most three; empty when none is near or the budget ends. */
export function nearest(word: string, candidates: Iterable<string>, budget = new HintBudget()): string[] {
  if (word.length === 0 || word.length > WORD_LENGTH_MAX) return [];
  const reach = Math.max(1, Math.floor(word.length / 3));
  const distances = new Map<string, number>();
  for (const candidate of candidates) {
    if (budget.isSpent) return [];
    const isFar = Math.abs(candidate.length - word.length) > reach;
    budget.spend(1);
    if (isFar || distances.has(candidate)) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), reach, budget);
    if (distance <= reach) distances.set(candidate, distance);
  }
  const scored = [...distances].sort((a, b) => a[1] - b[1]);
  return scored.slice(0, NEAREST_MAX).map(([candidate]) => candidate);
}

/** The hint that names the near ones; undefined when none is near. */
export function nearHint(
  word: string,
  candidates: Iterable<string>,
  budget?: HintBudget,
): string | undefined {
  const near = nearest(word, candidates, budget);
  return near.length === 0 ? undefined : `did you mean ${near.map((name) => `\`${name}\``).join(' or ')}`;
}

/** The hint for an unknown name: the near ones, else the known ones if they are few. */
export function didYouMean(
  word: string,
  candidates: Iterable<string>,
  budget = new HintBudget(),
): string | undefined {
  if (budget.isSpent) return undefined;
  const known = [...candidates];
  // to collect them is a look at each, too
  budget.spend(known.length);
  if (known.length === 0 || known.length > KNOWN_MAX) return nearHint(word, known, budget);
  return nearHint(word, known, budget) ?? `known are ${known.map((name) => `\`${name}\``).join(', ')}`;
}

/**
 * Optimal string alignment distance: insert, delete, replace, or swap two neighbours. Looks only as far from the
 * diagonal as `reach`, and stops with a number above it once no way back is left.
 */
function editDistance(a: string, b: string, reach: number, budget: HintBudget): number {
  const far = reach + 1;
  let beforeLast: number[] = [];
  let lastLeast = 0;
  let last = Array.from({ length: b.length + 1 }, (_, column) => Math.min(column, far));
  for (let row = 1; row <= a.length; row += 1) {
    budget.spend(2 * reach + 1);
    const current = new Array<number>(b.length + 1).fill(far);
    if (row <= reach) current[0] = row;
    let least = current[0]!;
    for (let column = Math.max(1, row - reach); column <= Math.min(b.length, row + reach); column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current[column] = cost;
      least = Math.min(least, cost);
    }
    // A swap reaches back over one row, so both must be out of reach.
    if (least > reach && lastLeast > reach) return far;
    lastLeast = least;
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
