/** Sizes as definitions write them: `1GB`, `512 MB`, or a plain number of bytes. One KB is 1,024 bytes. */

const UNIT_BYTES: { readonly [unit: string]: number } = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

export const SIZE_PATTERN = /^\s*(\d+(?:\.\d+)?)\s*([KMGTkmgt]?[Bb])\s*$/;

/** Bytes, rounded; undefined for what is no size. */
export function parseSize(value: string | number): number | undefined {
  const bytes = typeof value === 'number' ? value : textBytes(value);
  return bytes >= 0 && bytes <= Number.MAX_SAFE_INTEGER ? Math.round(bytes) : undefined;
}

function textBytes(text: string): number {
  const match = text.length > 64 ? null : SIZE_PATTERN.exec(text);
  return match ? Number(match[1]) * UNIT_BYTES[match[2]!.toUpperCase()]! : Number.NaN;
}
