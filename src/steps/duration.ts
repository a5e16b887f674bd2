/**
 * Durations as a step's own fields write them: `30s`, `500ms`, `1h30m`, or a number of seconds (also as text).
 * Owns the grammar and its zod piece. The piece changes nothing, so a checked config may be checked again;
 * `durationMs` turns the value into milliseconds where it is used.
 */
import * as z from 'zod';
import { DURATION_MS_MAX } from '../engine/core/limits.ts';

const UNIT_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const TEXT = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const NUMBER = /^\d+(?:\.\d+)?$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** What a duration looks like, for messages. */
export const DURATION_EXPECTED = 'a duration such as `30s`, `5m` or `1h30m`, or a number of seconds';

/** Milliseconds, rounded; undefined for anything that is no duration or lies over `DURATION_MS_MAX`. */
export function durationMs(value: unknown): number | undefined {
  const ms = typeof value === 'number' ? value * 1_000 : textMs(value);
  if (ms === undefined || !(ms >= 0 && ms <= DURATION_MS_MAX)) return undefined;
  return Math.round(ms);
}

function textMs(value: unknown): number | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  if (NUMBER.test(text)) return Number(text) * 1_000;
  if (!TEXT.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(PART))
    ms += Number(amount) * (UNIT_MS[unit as string] as number);
  return ms;
}

/** Schema of a field that holds a duration as written. */
export const durationField = z
  .union([z.number(), z.string()])
  .refine((value) => durationMs(value) !== undefined, {
    error: ({ input }) => `expected ${DURATION_EXPECTED}, found \`${String(input)}\``,
  });
