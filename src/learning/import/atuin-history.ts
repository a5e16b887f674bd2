/** Rows of an Atuin history (times and durations in nanoseconds) as sessions: Atuin numbers its shells. */
import type { SessionBuilder } from './session-builder.ts';

/** As its table has them. */
export interface AtuinRow {
  readonly timestamp: number;
  readonly duration: number;
  readonly exit: number;
  readonly command: string;
  readonly cwd: string;
  readonly session: string;
}

const NS_PER_MS = 1_000_000;

/** In the order of their times. */
export function readAtuinHistory(rows: Iterable<AtuinRow>, to: SessionBuilder): void {
  const shells = new Map<string, AtuinRow[]>();
  for (const row of rows) {
    const shell = shells.get(row.session);
    if (shell) shell.push(row);
    else shells.set(row.session, [row]);
  }
  for (const shell of shells.values()) {
    const [first] = shell;
    to.begin({ at: msOf(first?.timestamp), project: first?.cwd });
    for (const { command, timestamp, duration, exit, cwd } of shell) {
      to.flow({
        command,
        at: msOf(timestamp),
        // -1 where Atuin does not know
        durationMs: duration >= 0 ? Math.round(duration / NS_PER_MS) : undefined,
        exitCode: exit >= 0 ? exit : undefined,
        place: cwd,
      });
    }
  }
}

const msOf = (ns: number | undefined): number | undefined =>
  ns === undefined ? undefined : Math.round(ns / NS_PER_MS);
