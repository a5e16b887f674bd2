/**
 * The nearest known names to a name that is not known. Owns the measure (edit distance with swaps,
 * letter case ignored) and how far "near" reaches: a third of the word.
 */

const WORD_LENGTH_MAX = 64;
const NEAREST_MAX = 3;
/** So many known names still make a readable hint. */
const KNOWN_MAX = 16;

/** Candidates near `word`, nearest first, at most three; empty when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string[] {
  if (word.length === 0 || word.length > WORD_LENGTH_MAX) return [];
  const reach = Math.max(1, Math.floor(word.length / 3));
  const scored: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    if (Math.abs(candidate.length - word.length) > reach) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= reach) scored.push({ candidate, distance });
  }
  scored.sort((a, b) => a.distance - b.distance);
  return scored.slice(0, NEAREST_MAX).map(({ candidate }) => candidate);
}

/** The hint that names the near ones; undefined when none is near. */
export function nearHint(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearest(word, candidates);
  return near.length === 0 ? undefined : `did you mean ${near.map((name) => `\`${name}\``).join(' or ')}`;
}

/** The hint for an unknown name: the near ones, else the known ones if they are few. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const known = [...candidates];
  if (known.length === 0 || known.length > KNOWN_MAX) return nearHint(word, known);
  return nearHint(word, known) ?? `known are ${known.map((name) => `\`${name}\``).join(', ')}`;
}

/** Optimal string alignment distance: insert, delete, replace, or swap two neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
