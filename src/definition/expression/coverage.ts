/**
 * Test coverage reports as percent: Cobertura XML, lcov, and the JSON summaries of c8 and istanbul.
 * Owns telling the formats apart. A kind of coverage that the report does not count is left out.
 */
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { ExpressionError } from './value.ts';
import { xmlTags } from './xml.ts';

const percent = (covered: number, total: number): number =>
  total === 0 ? 100 : Math.round((covered / total) * 10_000) / 100;

/** `{line_coverage, branch_coverage?, function_coverage?, statement_coverage?, lines_covered?, lines_total?}`. */
export function parseCoverage(text: string, shown: string): JsonObject {
  const start = text.trimStart().replace(/^\uFEFF/, '');
  const report = start.startsWith('<')
    ? cobertura(text, shown)
    : start.startsWith('{')
      ? summary(text)
      : lcov(text);
  if (report) return report;
  throw new ExpressionError(
    `\`${shown}\` is no coverage report: expected Cobertura XML, lcov, or a c8 or istanbul summary`,
    {
      hint: 'let the test tool write one of these formats',
    },
  );
}

function cobertura(text: string, shown: string): JsonObject | undefined {
  for (const { name, attributes } of xmlTags(text, shown)) {
    if (name !== 'coverage') return undefined;
    const number = (key: string): number => Number(attributes.get(key) || Number.NaN);
    const rate = (prefix: string): number => {
      const total = number(`${prefix === 'line' ? 'lines' : 'branches'}-valid`);
      const covered = number(`${prefix === 'line' ? 'lines' : 'branches'}-covered`);
      return total >= 0 && covered >= 0 ? percent(covered, total) : percent(number(`${prefix}-rate`), 1);
    };
    return finite({
      line_coverage: rate('line'),
      branch_coverage: rate('branch'),
      lines_covered: number('lines-covered'),
      lines_total: number('lines-valid'),
    });
  }
  return undefined;
}

function lcov(text: string): JsonObject | undefined {
  if (!/^(?:TN|SF):/m.test(text)) return undefined;
  const sums = new Map<string, number>();
  for (const [, key, count] of text.matchAll(/^(LF|LH|BRF|BRH|FNF|FNH):(\d{1,12})\s*$/gm)) {
    sums.set(key!, (sums.get(key!) ?? 0) + Number(count));
  }
  const rate = (hit: string, found: string): number =>
    sums.has(found) ? percent(sums.get(hit) ?? 0, sums.get(found)!) : Number.NaN;
  return finite({
    line_coverage: rate('LH', 'LF'),
    branch_coverage: rate('BRH', 'BRF'),
    function_coverage: rate('FNH', 'FNF'),
    lines_covered: sums.get('LH') ?? Number.NaN,
    lines_total: sums.get('LF') ?? Number.NaN,
  });
}

function summary(text: string): JsonObject | undefined {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return undefined;
  }
  const total = (
    report as { total?: { [kind: string]: { pct?: unknown; covered?: unknown; total?: unknown } } }
  ).total;
  if (total === null || typeof total !== 'object' || typeof total.lines !== 'object') return undefined;
  const number = (kind: string, key: 'pct' | 'covered' | 'total'): number => {
    const value = total[kind]?.[key];
    return typeof value === 'number' ? value : Number.NaN;
  };
  return finite({
    line_coverage: number('lines', 'pct'),
    branch_coverage: number('branches', 'pct'),
    function_coverage: number('functions', 'pct'),
    statement_coverage: number('statements', 'pct'),
    lines_covered: number('lines', 'covered'),
    lines_total: number('lines', 'total'),
  });
}

const finite = (values: { [name: string]: number }): JsonObject | undefined => {
  const known: [string, Json][] = Object.entries(values).filter(([, value]) => Number.isFinite(value));
  return known.some(([name]) => name === 'line_coverage') ? Object.fromEntries(known) : undefined;
};
