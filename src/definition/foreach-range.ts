/** The short form of a range: `1..10`, both ends included, is the expression `range(1, 10)`. */

const RANGE = /^\s*(-?\d{1,15})\s*\.\.\s*(-?\d{1,15})\s*$/;

export interface Range {
  readonly expression: string;
  /** Numbers in it; 0 when the end lies before the start. */
  readonly count: number;
}

/** undefined when the text is no short range. */
export function rangeExpression(text: string): Range | undefined {
  const match = RANGE.exec(text);
  if (!match) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  return { expression: `range(${first}, ${last})`, count: Math.max(0, last - first + 1) };
}
