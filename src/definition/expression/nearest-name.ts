/** Did-you-mean: the known name that is closest to a misspelt one. Owns the distance and when it is close enough. */

const NAME_CHARS_MAX = 64;
const CANDIDATES_MAX = 500;

/** The nearest of `known` by edit distance, or undefined when none is near enough to be worth saying. */
export function nearestName(wrong: string, known: Iterable<string>): string | undefined {
  if (wrong.length > NAME_CHARS_MAX) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  let seen = 0;
  for (const name of known) {
    if (++seen > CANDIDATES_MAX) break;
    if (Math.abs(name.length - wrong.length) >= bestDistance) continue;
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
