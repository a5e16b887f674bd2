/** The event of a checkpoint, from what the snapshot store says. */
import type { Scope, Snapshot } from '../../checkpoint/snapshot.ts';
import type { CheckpointTaken } from '../core/rollback-events.ts';

export function takenEvent(
  checkpoint: string,
  why: CheckpointTaken['why'],
  scope: Scope,
  snapshot: Snapshot,
): CheckpointTaken {
  const { omitted, omittedCount, notes } = snapshot;
  return {
    type: 'checkpoint.taken',
    checkpoint,
    why,
    snapshot: snapshot.id,
    scope,
    files: snapshot.files,
    bytes: snapshot.bytes,
    added_bytes: snapshot.addedBytes,
    duration_ms: Math.round(snapshot.durationMs),
    ...(omittedCount > 0 && { omitted, omitted_count: omittedCount }),
    ...(notes.length > 0 && { notes }),
  };
}
