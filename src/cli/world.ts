/** What a command needs from outside, so that tests can bring their own. Heavy parts are loaded when asked for. */
import { userInfo } from 'node:os';
import type { Result } from '../engine/core/failure.ts';
import type { StoreProblem } from '../store/problem.ts';
import type { Belay, BelayOptions } from '../tools/belay.ts';
import type { Tool } from '../tools/tool.ts';
import { startBackgroundHost } from './background-host.ts';
import { processTerminal, type Terminal } from './terminal.ts';

export interface World {
  readonly terminal: Terminal;
  readonly cwd: string;
  /** Who calls, for the journal. */
  readonly caller: string;
  tools(): Promise<readonly Tool[]>;
  openBelay(options: BelayOptions): Promise<Result<Belay, StoreProblem>>;
  startBackgroundHost(home: string): void;
}

/** The world of this process. */
export const processWorld = (): World => ({
  terminal: processTerminal(),
  cwd: process.cwd(),
  caller: `cli:${userName()}`,
  tools: async () => (await import('../tools/catalogue.ts')).tools,
  openBelay: async (options) => (await import('../tools/belay.ts')).openBelay(options),
  startBackgroundHost,
});

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // a user id without an entry, as in many containers
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
