/** Pieces of a text that are to be hidden, and the text without them. */

/** From one index to before another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What stands in the place of a secret: one plain word for a shell. */
export const HIDDEN = '***';

/** The text with each piece hidden; those that touch or overlap are one. `hits` is their number. */
export function hideSpans(
  text: string,
  spans: readonly Span[],
): { readonly text: string; readonly hits: number } {
  const sorted = spans.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from);
  const pieces: string[] = [];
  let shown = 0;
  let hits = 0;
  for (let i = 0; i < sorted.length; ) {
    const { from } = sorted[i] as Span;
    let { to } = sorted[i] as Span;
    for (i += 1; i < sorted.length && (sorted[i] as Span).from <= to; i += 1)
      to = Math.max(to, (sorted[i] as Span).to);
    pieces.push(text.slice(shown, from), HIDDEN);
    shown = to;
    hits += 1;
  }
  pieces.push(text.slice(shown));
  return { text: pieces.join(''), hits };
}
