/**
 * Tells subscribers that a resource of a run has changed, whoever changed it. One look at each followed run after a hint of
 * the journal, at most five times a second; what changed is for the subscriber to read.
 */
import { log } from '../engine/host/log.ts';
import type { Belay, OpenBelay } from '../tools/belay.ts';

/** Of a run everything may change with each event: its view, its report, its logs. */
const RUN_RESOURCE = /^belay:\/\/runs\/([^/]+)(?:\/.+)?$/;

const PAUSE_MS = 200;
const LOOK_MS = 1_000;
/** Runs that are followed in one process. */
const RUNS_MAX = 2_000;

interface Followed {
  seq: number;
  readonly calls: Set<() => void>;
}

export class ResourceWatch {
  readonly #open: OpenBelay;
  readonly #leaving: AbortSignal;
  readonly #runs = new Map<string, Followed>();
  #looking = false;

  constructor(open: OpenBelay, leaving: AbortSignal) {
    this.#open = open;
    this.#leaving = leaving;
  }

  /** Calls back after changes, until the answer is called. A string says why the resource cannot be followed. */
  async follow(uri: string, call: () => void): Promise<(() => void) | string> {
    const runId = RUN_RESOURCE.exec(uri)?.[1];
    if (runId === undefined)
      return `resource \`${uri}\` does not change while it is followed: only those of runs do`;
    const opened = await this.#open();
    if (!opened.ok) return opened.error.message;
    const row = opened.value.journal.run(runId);
    if (!row) return `run \`${runId}\` is not known`;
    const followed = this.#runs.get(runId) ?? { seq: row.seq, calls: new Set() };
    if (!this.#runs.has(runId) && this.#runs.size >= RUNS_MAX) return `${RUNS_MAX} runs are followed already`;
    // its own, so that a subscriber may follow a resource twice
    const own = () => call();
    followed.calls.add(own);
    this.#runs.set(runId, followed);
    if (!this.#looking) void this.#look(opened.value);
    return () => {
      followed.calls.delete(own);
      if (followed.calls.size === 0 && this.#runs.get(runId) === followed) this.#runs.delete(runId);
    };
  }

  async #look({ changes, journal }: Belay): Promise<void> {
    this.#looking = true;
    try {
      while (this.#runs.size > 0) {
        await changes.next(Date.now() + LOOK_MS, this.#leaving);
        // before the look: a hint that comes meanwhile is not lost
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        if (this.#leaving.aborted) return;
        for (const [runId, followed] of this.#runs) {
          const seq = journal.run(runId)?.seq ?? followed.seq;
          if (seq === followed.seq) continue;
          followed.seq = seq;
          for (const call of followed.calls) call();
        }
      }
    } catch (err) {
      log.warn({ err }, 'resources are no longer followed');
    } finally {
      this.#looking = false;
    }
  }
}
