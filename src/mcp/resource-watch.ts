/**
 * Tells subscribers that a resource of a run has changed, whoever changed it. One look at each followed run after a hint of
 * the journal, at most five times a second; what changed is for the subscriber to read.
 */
import type { Journal } from '../engine/core/ports.ts';
import { loadRun } from '../engine/host/load-run.ts';
import { log } from '../engine/host/log.ts';
import type { Belay, OpenBelay } from '../tools/belay.ts';
import { innerRuns } from '../tools/inner-runs.ts';
import { LibraryWatch } from './library-watch.ts';

/** Of a run everything may change with each event: its view, its report, its logs, the tasks that are made of it. */
const RUN_RESOURCE = /^(?:belay:\/\/runs\/([^/]+)(?:\/.+)?|belay-task:([^/.]+)\..+)$/;

const PAUSE_MS = 200;
const LOOK_MS = 1_000;
/** Runs that are followed in one process. */
const RUNS_MAX = 2_000;

interface Followed {
  /** How far the run is, and with it the runs that do the work of its steps. */
  stamp: string;
  /** Ids of those; looked for only where a task is followed, because their questions are the task's. */
  inner: readonly string[];
  isTask: boolean;
  readonly calls: Set<() => void>;
}

export class ResourceWatch {
  /** For the lists that are made of the workflows. */
  readonly library: LibraryWatch;
  readonly #open: OpenBelay;
  readonly #leaving: AbortSignal;
  readonly #runs = new Map<string, Followed>();
  #looking = false;

  constructor(open: OpenBelay, leaving: AbortSignal) {
    this.#open = open;
    this.#leaving = leaving;
    this.library = new LibraryWatch(open, leaving);
  }

  /** Calls back after changes, until the answer is called. A string says why the resource cannot be followed. */
  async follow(uri: string, call: () => void): Promise<(() => void) | string> {
    const [, ofRun, runId = ofRun] = RUN_RESOURCE.exec(uri) ?? [];
    if (runId === undefined)
      return `resource \`${uri}\` does not change while it is followed: only those of runs do`;
    const opened = await this.#open();
    if (!opened.ok) return opened.error.message;
    const row = opened.value.journal.run(runId);
    if (!row) return `run \`${runId}\` is not known`;
    const followed = this.#runs.get(runId) ?? newFollowed(row.seq);
    if (!this.#runs.has(runId) && this.#runs.size >= RUNS_MAX) return `${RUNS_MAX} runs are followed already`;
    // its own, so that a subscriber may follow a resource twice
    const own = () => call();
    followed.calls.add(own);
    if (ofRun === undefined && !followed.isTask) {
      followed.isTask = true;
      // the next look finds what is inside by now
      followed.stamp = '';
    }
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
          if (stampOf(journal, runId, followed) === followed.stamp) continue;
          if (followed.isTask) followed.inner = innerIds(journal, runId);
          followed.stamp = stampOf(journal, runId, followed);
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

const newFollowed = (seq: number): Followed => ({
  stamp: String(seq),
  inner: [],
  isTask: false,
  calls: new Set(),
});

const stampOf = (journal: Journal, runId: string, { inner }: Followed): string =>
  [runId, ...inner].map((id) => journal.run(id)?.seq ?? 0).join(' ');

function innerIds(journal: Journal, runId: string): readonly string[] {
  const run = loadRun(journal, runId);
  return run.ok ? innerRuns(journal, run.value).map((each) => each.runId) : [];
}
