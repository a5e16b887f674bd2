/**
 * Taking runs over. A run is read before it is claimed: what cannot be read is left as it is, so that damage in the
 * journal is neither written past nor keeps anybody from the other runs. So is a run whose variables have other values
 * here, for a host that has the right ones.
 * 1. A run that was passed over is looked at again when somebody has appended to it.
 */
import type { Journal } from '../core/ports.ts';
import type { RunState } from '../core/state.ts';
import { foldEvents, loadRun } from './load-run.ts';
import { replaceRuns } from './replace-runs.ts';
import type { RunSecrets } from './run-secrets.ts';
import { isStorageError } from './storage-error.ts';

/** Runs that one look may take over. */
const CLAIMS_AT_ONCE_MAX = 64;

export interface Claimant {
  readonly journal: Journal;
  readonly host: string;
  readonly secrets: RunSecrets;
  readonly report: (message: string) => void;
  /** Tells the host of a run that it has changed, later than this call. */
  kick(runId: string): void;
}

export interface Claim {
  readonly run: RunState;
  readonly epoch: number;
}

export class Claims {
  readonly #claimant: Claimant;
  /** Runs that this host does not drive, and how far their journal went when that was seen. */
  readonly #passed = new Map<string, number>();

  constructor(claimant: Claimant) {
    this.#claimant = claimant;
  }

  /** Runs that nobody drives and that this host has not passed over, oldest first. */
  free(nowMs: number): readonly string[] {
    const { journal } = this.#claimant;
    // those passed over are listed as well, and must not stand before all others
    const listed = journal.claimable(nowMs, CLAIMS_AT_ONCE_MAX + this.#passed.size);
    return listed.filter((runId) => !this.#isPassed(runId));
  }

  /** Undefined where somebody else has the run, it is over, or this host must not drive it. */
  take(runId: string, nowMs: number): Claim | undefined {
    if (this.#isPassed(runId)) return undefined;
    const { journal, host, secrets } = this.#claimant;
    try {
      const loaded = loadRun(journal, runId);
      if (!loaded.ok) return this.#pass(runId, loaded.error.message);
      if (secrets.lacking(loaded.value).length > 0) return this.#pass(runId);
      const claimed = journal.claim(runId, host, nowMs);
      if (!claimed.ok && claimed.error === 'waits') replaceRuns(this.#claimant, loaded.value, nowMs);
      if (!claimed.ok) return undefined;
      const since = journal.read(runId, loaded.value.seq);
      const current = since.ok ? foldEvents(since.value, loaded.value) : loadRun(journal, runId);
      if (!current.ok) return this.#pass(runId, current.error.message);
      this.#passed.delete(runId);
      return { run: current.value, epoch: claimed.value.epoch };
    } catch (error) {
      if (isStorageError(error)) throw error;
      return this.#pass(runId, error instanceof Error ? error.message : String(error));
    }
  }

  #isPassed(runId: string): boolean {
    const seq = this.#passed.get(runId);
    return seq !== undefined && this.#claimant.journal.run(runId)?.seq === seq;
  }

  /** @param problem what is wrong with the run; said once */
  #pass(runId: string, problem?: string): undefined {
    const { journal, report } = this.#claimant;
    const isNew = !this.#passed.has(runId);
    this.#passed.set(runId, journal.run(runId)?.seq ?? 0);
    if (problem !== undefined && isNew) report(`run ${runId} cannot be driven: ${problem}`);
  }
}
