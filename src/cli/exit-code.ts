/** The exit codes of the public surface, and which one a run's status or an error means. */
import type { RunStatus } from '../engine/core/events.ts';

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  waiting: 3,
  stuck: 4,
  /** A bug in Belay; EX_SOFTWARE of sysexits(3). */
  bug: 70,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

const BY_STATUS: { readonly [status in RunStatus]?: number } = {
  failed: EXIT.failed,
  cancelled: EXIT.failed,
  rolled_back: EXIT.failed,
  waiting: EXIT.waiting,
  paused: EXIT.waiting,
  stuck: EXIT.stuck,
};

/** A run that still moves counts as done: nothing is wrong with it. A paused one waits for somebody's word. */
export const exitCodeOfRun = (status: RunStatus): number => BY_STATUS[status] ?? EXIT.done;

const BY_ERROR: { readonly [code: string]: number } = {
  human_required: EXIT.waiting,
  confirmation_needed: EXIT.waiting,
  internal: EXIT.bug,
};

export const exitCodeOfError = (code: string): number => BY_ERROR[code] ?? EXIT.usage;
