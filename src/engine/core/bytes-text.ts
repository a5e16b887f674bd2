/** A number of bytes in a few characters, in the units in which definitions write sizes: 1 KB is 1,024 bytes. */

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
const UNIT = 1_024;

/** `512 B`, `1.5 GB`, `20 GB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // what would be rounded to a whole next unit is one
  for (; Number(value.toFixed(1)) >= UNIT && unit < BYTE_UNITS.length - 1; unit += 1) value /= UNIT;
  return `${Number(value.toFixed(1))} ${BYTE_UNITS[unit]}`;
}
