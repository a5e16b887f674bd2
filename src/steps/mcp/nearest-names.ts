/** Names in the order of how near they are to one that is not there: by the edits between them, then by the alphabet. */

/** Longer names are compared by their beginning. */
const COMPARED_CHARS_MAX = 64;
/** Of longer lists the rest is not looked at. */
const NAMES_MAX = 1_000;

export function nearestNames(wrong: string, known: readonly string[]): readonly string[] {
  return known
    .slice(0, NAMES_MAX)
    .map((name) => ({ name, edits: editsBetween(plain(wrong), plain(name)) }))
    .sort((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

const plain = (name: string): string =>
  name.slice(0, COMPARED_CHARS_MAX).toLowerCase().replaceAll(/[-_.]/g, '');

/** Levenshtein's distance, row by row. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (let at = 1; at <= b.length; at += 1) {
      const replaced = (row[at - 1] as number) + (b[at - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[at] as number) + 1, (next[at - 1] as number) + 1));
    }
    row = next;
  }
  return row.at(-1) as number;
}
