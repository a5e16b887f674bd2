/** Durations as definitions write them: `500ms`, `30s`, `1h30m`, `1d`, or a plain number of seconds. */
import { DURATION_MS_MAX } from '../engine/core/limits.ts';

const UNIT_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** Accepted texts; a number of seconds may also stand as text. */
export const DURATION_PATTERN = /^\s*(?:\d+(?:\.\d+)?|(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)\s*$/;

/** Milliseconds, rounded; undefined for what is no duration, is negative, or lies over `DURATION_MS_MAX`. */
export function parseDuration(value: string | number): number | undefined {
  const ms = typeof value === 'number' ? value * 1_000 : textMs(value);
  return ms >= 0 && ms <= DURATION_MS_MAX ? Math.round(ms) : undefined;
}

function textMs(text: string): number {
  if (text.length > 64 || !DURATION_PATTERN.test(text)) return Number.NaN;
  const parts = [...text.matchAll(PART)];
  if (parts.length === 0) return Number(text) * 1_000;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit!]!, 0);
}
