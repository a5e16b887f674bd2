/** A number of bytes in a few characters. */

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** `512 B`, `1.5 GB`; powers of 1,000. */
export function bytesText(bytes: number): string {
  const step = Math.max(0, Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3)));
  return step === 0 ? `${bytes} B` : `${(bytes / 1_000 ** step).toFixed(1)} ${BYTE_UNITS[step]}`;
}
