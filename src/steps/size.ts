/**
 * Sizes as a step's own fields write them: `64MB`, `512 KB`, or a number of bytes. One KB is 1,024 bytes.
 * Owns the grammar and its zod piece, which changes nothing; `sizeBytes` turns the value into bytes.
 */
import * as z from 'zod';

const UNIT_BYTES: { readonly [unit: string]: number } = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};
const TEXT = /^(\d+(?:\.\d+)?)\s*([KMGT]?B)$/i;

/** Bytes, rounded; undefined for anything that is no size of at least one byte. */
export function sizeBytes(value: unknown): number | undefined {
  const bytes = typeof value === 'number' ? value : textBytes(value);
  if (bytes === undefined || !(bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER)) return undefined;
  return Math.round(bytes);
}

function textBytes(value: unknown): number | undefined {
  const match = typeof value === 'string' ? TEXT.exec(value.trim()) : null;
  if (!match?.[1] || !match[2]) return undefined;
  return Number(match[1]) * (UNIT_BYTES[match[2].toUpperCase()] as number);
}

/** Schema of a field that holds a size as written. */
export const sizeField = z.union([z.number(), z.string()]).refine((value) => sizeBytes(value) !== undefined, {
  error: ({ input }) => `expected a size such as \`64MB\` or a number of bytes, found \`${String(input)}\``,
});
