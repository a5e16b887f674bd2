/** What a measure is, and the small arithmetic they share. */

export interface Measure {
  readonly name: string;
  readonly aim: string;
  run(): Promise<{ readonly ratio: number; readonly detail: string }>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export async function timed(act: () => unknown): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

/** Both in turn, `rounds` times after one warm-up; the median of the ratios pair by pair. */
export async function paired(
  rounds: number,
  ours: () => unknown,
  baseline: () => unknown,
): Promise<{ readonly ratio: number; readonly oursMs: number; readonly baselineMs: number }> {
  await baseline();
  await ours();
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push([await timed(ours), await timed(baseline)]);
  return {
    ratio: median(pairs.map(([a, b]) => a / b)),
    oursMs: median(pairs.map(([a]) => a)),
    baselineMs: median(pairs.map(([, b]) => b)),
  };
}
