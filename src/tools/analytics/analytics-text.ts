/** An analysis in a few lines, for a model. */
import type { Analytics } from './analytics-schema.ts';

const LINES_MAX = 5;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

export function analyticsText(found: Analytics): string {
  const { totals, rests_on: rests, success_rate: rate, duration_ms: took, cache } = found;
  if (totals.runs === 0) return 'no runs to count';
  const parts = [
    `${totals.runs} ${totals.runs === 1 ? 'run' : 'runs'}`,
    ...(rate === undefined ? [] : [`${percent(rate)} succeeded`]),
    ...(took ? [`p50 ${took.p50} ms, p95 ${took.p95} ms`] : []),
    ...(cache.hits > 0 ? [`cache hits ${percent(cache.hit_rate)}, saved ${cache.saved_ms} ms`] : []),
  ];
  return [
    parts.join('; '),
    ...(rests.complete
      ? []
      : [`steps and failures of the newest ${rests.read} of ${rests.finished} finished runs`]),
    ...list(
      'warning',
      found.warnings.map(({ workflow, text }) => `${workflow}: ${text}`),
    ),
    ...list(
      'fails',
      found.failure_patterns.map(
        ({ pattern, count, steps }) => `${count} × ${pattern} (${steps.join(', ')})`,
      ),
    ),
    ...list(
      'slow',
      found.slowest_steps.map(({ workflow, step, p95_ms }) => `${workflow}/${step} p95 ${p95_ms} ms`),
    ),
    ...list(
      'proposal',
      found.proposals.map(({ workflow, step, kind, why }) => `${workflow}/${step} ${kind}: ${why}`),
    ),
  ].join('\n');
}

const list = (head: string, lines: readonly string[]): readonly string[] =>
  lines.slice(0, LINES_MAX).map((line) => `${head}: ${line}`);
