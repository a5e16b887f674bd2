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
  /**
   * Calls back when this process is told to end, then ends it, unless the call says `true`: it ends by itself. An interrupt
   * counts where nobody else takes it.
   */
  onTermination(call: () => boolean): () => void;
}

/** The world of this process. */
export const processWorld = (): World => ({
  terminal: processTerminal(),
  cwd: process.cwd(),
  caller: `cli:${userName()}`,
  tools: async () => (await import('../tools/catalogue.ts')).tools,
  async openBelay(options) {
    const [{ openBelay }, { stepCatalogue }, { homeFolder }] = await Promise.all([
      import('../tools/belay.ts'),
      import('../tools/step-catalogue.ts'),
      import('../tools/home-folder.ts'),
    ]);
    return openBelay({ ...options, catalogue: await stepCatalogue(homeFolder(options.home)) });
  },
  startBackgroundHost,
  onTermination,
});

const TERMINATIONS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

function onTermination(call: () => boolean): () => void {
  const listeners = Object.entries(TERMINATIONS).map(([signal, exitCode]) => {
    const listener = () => {
      if (signal === 'SIGINT' && process.listenerCount(signal) > 1) return;
      if (!call()) process.exit(exitCode);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // a user id without an entry, as in many containers
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
