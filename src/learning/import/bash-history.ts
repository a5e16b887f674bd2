/**
 * Bash's history file: one command a line; with `HISTTIMEFORMAT` a line `#<epoch>` before each command, which then may
 * have several lines.
 */
import type { SessionBuilder } from './session-builder.ts';

/** A command with more lines is one after the other, written by shells some of which kept no times. */
const LINES_MAX = 200;
const TIME = /^#(\d{9,11})\s*$/;

export function readBashHistory(lines: Iterable<string>, to: SessionBuilder): void {
  let at: number | undefined;
  let held: string[] = [];
  const hand = (): void => {
    if (held.length === 0) return;
    const commands = held.length > LINES_MAX ? held : [held.join('\n')];
    for (const command of commands) to.flow({ command, at });
    held = [];
  };
  for (const line of lines) {
    const time = TIME.exec(line)?.[1];
    if (time !== undefined) {
      hand();
      at = Number(time) * 1_000;
    } else {
      held.push(line);
      if (at === undefined || held.length > LINES_MAX) hand();
    }
  }
  hand();
}
