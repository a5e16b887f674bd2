/**
 * Brings runs that have ended to what is learned from, whoever drove them: those of this process soon after their end,
 * others when they are looked for. Never on the way of a run.
 * 1. A run is looked at once for each end, however often it is brought.
 * 2. Where learning is off, runs are only ticked off, so that they are not learned from later either.
 */
import { isFinal } from '../../engine/core/events.ts';
import type { Journal, RunRow } from '../../engine/core/ports.ts';
import type { Host } from '../../engine/host/host.ts';
import { log } from '../../engine/host/log.ts';
import type { LearningStore } from '../../store/learning/open-learning.ts';
import { runSessions } from './run-sessions.ts';

/** How long after a commit it is looked whether the run has ended. */
const SETTLE_MS = 200;
/** Runs that one look goes back over at most; those before are not learned from. */
const LOOKED_BACK_MAX = 1_000;
const PAGE = 200;
/** Longer runs cost more to read than they teach. */
const RUN_EVENTS_MAX = 5_000;
/** What one look may take of a process that has other work; the rest waits for the next. */
const LOOK_MS = 50;

export interface FeedPorts {
  readonly journal: Pick<Journal, 'run' | 'runs' | 'read'>;
  readonly learning: LearningStore;
  /** Learning is on; undefined until that is known. */
  readonly isOn: () => boolean | undefined;
}

export class RunFeed {
  readonly #ports: FeedPorts;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #unfollow: (() => void) | undefined;

  constructor(ports: FeedPorts) {
    this.#ports = ports;
  }

  /** Learns from what the host drives from now on, and from what others have left. */
  follow(host: Host): void {
    this.#unfollow = host.onCommit((runId) => {
      this.#changed.add(runId);
      this.#wake(SETTLE_MS);
    });
    this.#wake(SETTLE_MS, true);
  }

  /** Looks for runs that have ended; true when nothing is left to look at. */
  catchUp(): boolean {
    if (this.#ports.isOn() === undefined) return false;
    const untilMs = performance.now() + LOOK_MS;
    const sinceMs = this.#ports.learning.seenUntil();
    const { runs, seenUntil } = this.#unseen(sinceMs);
    for (const [at, row] of runs.entries()) {
      // one at least, or a slow machine would never come further
      if (at > 0 && performance.now() > untilMs) {
        // an open run may be older than what is left
        this.#ports.learning.markSeenUntil(Math.min(row.createdAt, seenUntil));
        return false;
      }
      this.#take(row);
    }
    // most looks find nothing, and need write nothing
    if (seenUntil > sinceMs) this.#ports.learning.markSeenUntil(seenUntil);
    return true;
  }

  /** Takes what this process has just ended; the rest is for others. */
  close(): void {
    clearTimeout(this.#timer);
    this.#unfollow?.();
    this.#guard(() => void this.#takeChanged());
  }

  #wake(ms: number, all = false): void {
    if (this.#timer !== undefined && !all) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#guard(() => {
        const isDone = this.#takeChanged() && (!all || this.catchUp());
        if (!isDone) this.#wake(SETTLE_MS, all);
      });
    }, ms).unref();
  }

  /** False when time was too short for all of them. */
  #takeChanged(): boolean {
    if (this.#ports.isOn() === undefined) return true;
    const untilMs = performance.now() + LOOK_MS;
    for (const runId of [...this.#changed]) {
      if (performance.now() > untilMs) return false;
      this.#changed.delete(runId);
      const row = this.#ports.journal.run(runId);
      if (row && isFinal(row.status) && this.#isNew(row)) this.#take(row);
    }
    return true;
  }

  /** Oldest first, and until when nothing older is left. */
  #unseen(sinceMs: number): { readonly runs: readonly RunRow[]; readonly seenUntil: number } {
    const rows: RunRow[] = [];
    let cursor: string | undefined;
    do {
      const page = this.#ports.journal.runs({
        sinceMs,
        limit: PAGE,
        ...(cursor !== undefined && { cursor }),
      });
      rows.push(...page.runs);
      cursor = page.nextCursor;
    } while (cursor !== undefined && rows.length < LOOKED_BACK_MAX);
    rows.reverse();
    const open = rows.find(({ status }) => !isFinal(status));
    const seenUntil = open?.createdAt ?? rows.at(-1)?.createdAt ?? sinceMs;
    return { runs: rows.filter((row) => isFinal(row.status) && this.#isNew(row)), seenUntil };
  }

  #isNew({ runId, seq }: RunRow): boolean {
    return this.#ports.learning.seenSeq(runId) < seq;
  }

  #take({ runId, seq }: RunRow): void {
    const { journal, learning } = this.#ports;
    const isWanted = this.#ports.isOn() === true && seq <= RUN_EVENTS_MAX;
    const read = isWanted ? journal.read(runId) : undefined;
    learning.addRun(runId, seq, read?.ok ? runSessions(read.value) : []);
  }

  /** What cannot be stored now is found again by a later look. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (err) {
      log.info({ err }, 'runs that have ended could not be learned from');
    }
  }
}
