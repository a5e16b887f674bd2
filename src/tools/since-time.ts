/** From when on: a time, or a span back from now. */
import { parseDuration } from '../definition/duration.ts';
import { failed } from './answers.ts';
import type { ToolResult } from './tool.ts';

/** Epoch ms; NaN when it is neither a duration nor a time. */
export function sinceTime(text: string, nowMs: number): number {
  const duration = parseDuration(text);
  return duration === undefined ? Date.parse(text) : nowMs - duration;
}

export const wrongSince = (text: string): ToolResult =>
  failed({
    code: 'invalid_input',
    message: `\`since\` must be a time or a duration, found \`${text}\``,
    hint: 'write 2026-01-31T12:00:00Z, 24h or 7d',
  });
