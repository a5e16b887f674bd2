/** Numbers as a row of bars, the highest one full; nothing at all is a dot. */
const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

export function sparkline(numbers: readonly number[]): string {
  const most = Math.max(1, ...numbers);
  return numbers
    .map((each) => (each <= 0 ? '·' : (BARS[Math.ceil((each / most) * BARS.length) - 1] ?? BARS[0])))
    .join('');
}
