/**
 * Taking a run over. It is read before it is claimed: what cannot be read is left as it is, so that damage in the
 * journal is neither written past nor keeps anybody from the other runs.
 */
import type { Journal } from '../core/ports.ts';
import type { RunState } from '../core/state.ts';
import { foldEvents, loadRun } from './load-run.ts';
import { isStorageError } from './storage-error.ts';

export type Claimed =
  | { readonly kind: 'claimed'; readonly run: RunState; readonly epoch: number }
  | { readonly kind: 'unreadable'; readonly message: string }
  /** Somebody else has it, or it is over. */
  | { readonly kind: 'not_free' };

export function claimRun(journal: Journal, runId: string, host: string, nowMs: number): Claimed {
  try {
    const loaded = loadRun(journal, runId);
    if (!loaded.ok) return { kind: 'unreadable', message: loaded.error.message };
    const claimed = journal.claim(runId, host, nowMs);
    if (!claimed.ok) return { kind: 'not_free' };
    const since = journal.read(runId, loaded.value.seq);
    const current = since.ok ? foldEvents(since.value, loaded.value) : loadRun(journal, runId);
    if (!current.ok) return { kind: 'unreadable', message: current.error.message };
    return { kind: 'claimed', run: current.value, epoch: claimed.value.epoch };
  } catch (error) {
    if (isStorageError(error)) throw error;
    return { kind: 'unreadable', message: error instanceof Error ? error.message : String(error) };
  }
}
