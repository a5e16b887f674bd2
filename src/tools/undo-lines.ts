/** How a planned step would be taken back, in words. */
import type { PlannedStep } from './run-view-schema.ts';

/** Nothing for a step that changes nothing. */
export function undoLines({ checkpoint, undo, undo_command, irreversible }: PlannedStep): readonly string[] {
  const before = checkpoint === undefined ? [] : [`checkpoint before it: ${checkpoint}`];
  if (undo === undefined) return before;
  const how = {
    steps: `undo: ${undo_command?.trimEnd()}`,
    checkpoint: 'undo: its files go back to the checkpoint',
    irreversible: `cannot be taken back: ${irreversible}`,
    none: 'cannot be taken back: it has neither undo nor a checkpoint',
  };
  return [...before, how[undo]];
}
