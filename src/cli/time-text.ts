/** Spans and points of time in a few characters, for tables and progress lines. */

/** `340ms`, `1.2s`, `3m 05s`, `2h 10m`, `4d 3h` */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return pair(seconds, 60, 'm', 1, 's');
  if (seconds < 86_400) return pair(seconds, 3_600, 'h', 60, 'm');
  return pair(seconds, 86_400, 'd', 3_600, 'h');
}

function pair(seconds: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)}${bigUnit} ${String(rest).padStart(smallUnit === 'h' ? 1 : 2, '0')}${smallUnit}`;
}

/** `2026-11-21 05:04:03` in local time. */
export function timeText(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
}
