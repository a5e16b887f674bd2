/**
 * Fish's history file, which looks like YAML and is not: `- cmd: <command>`, then `when: <epoch>` and `paths:` indented.
 * In a command a newline is `\n` and a backslash `\\`.
 */
import type { SessionBuilder } from './session-builder.ts';

const COMMAND = /^- cmd: (.*)$/s;
const WHEN = /^ {2}when: (\d{9,11})\s*$/;
const KNOWN = /^ {2}(?:paths:|when:|pager:|session:)|^ {4}- /;

export function readFishHistory(lines: Iterable<string>, to: SessionBuilder): void {
  let command: string | undefined;
  let at: number | undefined;
  const hand = (): void => {
    if (command !== undefined) to.flow({ command, at });
    command = undefined;
    at = undefined;
  };
  for (const line of lines) {
    const found = COMMAND.exec(line)?.[1];
    if (found !== undefined) {
      hand();
      command = found.replace(/\\(\\|n)/g, (_, char: string) => (char === 'n' ? '\n' : '\\'));
    } else {
      const when = WHEN.exec(line)?.[1];
      if (when !== undefined) at = Number(when) * 1_000;
      else if (!KNOWN.test(line) && line.trim() !== '') to.skip('broken');
    }
  }
  hand();
}
