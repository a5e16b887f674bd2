/** Rows as aligned columns. Colour codes take no room; the last column is cut so that a row stays one line. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is how colour codes start
const COLOUR = /\u001b\[\d+m/g;

const width = (text: string): number => text.replace(COLOUR, '').length;

const COLUMN_GAP = '  ';
const LAST_COLUMN_MIN = 10;

/** Lines without a newline at the end; `columns` is the width to keep to, 0 for none. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string[] {
  const all = head.length > 0 ? [head, ...rows] : rows;
  const last = Math.max(0, ...all.map((row) => row.length)) - 1;
  const widths = Array.from({ length: last }, (_, index) =>
    Math.max(0, ...all.map((row) => width(row[index] ?? ''))),
  );
  const before = widths.reduce((sum, each) => sum + each + COLUMN_GAP.length, 0);
  const room = columns === 0 ? Number.POSITIVE_INFINITY : Math.max(LAST_COLUMN_MIN, columns - before);
  return all.map((row) => {
    const cells = widths.map((each, index) => pad(row[index] ?? '', each));
    return [...cells, cut(row[last] ?? '', room)].join(COLUMN_GAP).trimEnd();
  });
}

const pad = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - width(text)));

/** Only text without colour is ever long. */
const cut = (text: string, room: number): string =>
  width(text) <= room ? text : `${text.slice(0, room - 1)}…`;
