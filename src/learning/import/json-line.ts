/** Reading of values whose shape nobody promises: each gives undefined where it is not what was hoped for. */

export type JsonRecord = { readonly [key: string]: unknown };

export const recordOf = (value: unknown): JsonRecord | undefined =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonRecord) : undefined;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** An exit code, as a number or as its digits. */
export function exitCodeOf(value: unknown): number | undefined {
  const code = typeof value === 'string' && /^-?\d{1,4}$/.test(value) ? Number(value) : value;
  return typeof code === 'number' && Number.isInteger(code) && Math.abs(code) < 10_000 ? code : undefined;
}

/** Epoch ms of an ISO time, or of a number of seconds or milliseconds. */
export function timeOf(value: unknown): number | undefined {
  const ms =
    typeof value === 'number' ? (value < 1e11 ? value * 1_000 : value) : Date.parse(textOf(value) ?? '');
  return Number.isFinite(ms) && ms > 0 && ms < 1e14 ? Math.round(ms) : undefined;
}

/** The object on a line of JSON Lines; undefined where there is none. */
export function recordOn(line: string): JsonRecord | undefined {
  if (!/^\s*\{/.test(line)) return undefined;
  try {
    return recordOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}
