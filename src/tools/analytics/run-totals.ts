/** Counts over the rows of the index: runs by status, how many went well, how long they took, day by day. */
import type { RunRow } from '../../engine/core/ports.ts';
import { percentile } from '../../learning/adapt/percentile.ts';
import type { Analytics } from './analytics-schema.ts';
import { share } from './step-histories.ts';

const DAYS_MAX = 30;
const WORKFLOWS_MAX = 30;
const DAY_MS = 86_400_000;

const isGood = ({ status }: RunRow): boolean => status === 'succeeded' || status === 'partial';
const isBad = ({ status }: RunRow): boolean =>
  status === 'failed' || status === 'rolled_back' || status === 'stuck';

export function totals(rows: readonly RunRow[]): Analytics['totals'] {
  const counts: { [status: string]: number } = { runs: rows.length };
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Absent parts have nothing to rest on. */
export function success(rows: readonly RunRow[]): Pick<Analytics, 'success_rate' | 'duration_ms'> {
  const [good, bad] = [rows.filter(isGood), rows.filter(isBad)];
  const took = good.flatMap(({ startedAt, finishedAt }) =>
    startedAt !== undefined && finishedAt !== undefined ? [finishedAt - startedAt] : [],
  );
  const [p50, p95] = [percentile(took, 0.5), percentile(took, 0.95)];
  return {
    ...(good.length + bad.length > 0 && { success_rate: share(good.length, good.length + bad.length) }),
    ...(p50 !== undefined && p95 !== undefined && { duration_ms: { p50, p95, n: took.length } }),
  };
}

/** Days without runs among them, so that a row of them is a line of time. */
export function days(rows: readonly RunRow[]): Analytics['days'] {
  const [newest, oldest] = [rows[0], rows.at(-1)];
  if (!newest || !oldest) return [];
  const last = Math.floor(newest.createdAt / DAY_MS);
  const first = Math.max(Math.floor(oldest.createdAt / DAY_MS), last - DAYS_MAX + 1);
  const byDay = Map.groupBy(rows, ({ createdAt }) => Math.floor(createdAt / DAY_MS));
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const own = byDay.get(first + at) ?? [];
    const day = new Date((first + at) * DAY_MS).toISOString().slice(0, 10);
    return { day, runs: own.length, failed: own.filter(isBad).length };
  });
}

/** Those with the most runs first. */
export function byWorkflow(rows: readonly RunRow[]): Analytics['workflows'] {
  return [...Map.groupBy(rows, ({ workflow }) => workflow)]
    .map(([workflow, own]) => ({
      workflow,
      runs: own.length,
      succeeded: own.filter(isGood).length,
      failed: own.filter(isBad).length,
      ...success(own),
      last_run_at: new Date(own[0]?.createdAt ?? 0).toISOString(),
    }))
    .sort((a, b) => b.runs - a.runs)
    .slice(0, WORKFLOWS_MAX);
}
