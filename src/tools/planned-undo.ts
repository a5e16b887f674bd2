/**
 * What a dry run says of going back: which steps have a checkpoint before them, and how each would be taken back.
 * Asks the host's own rule, on a run that has not begun and takes every checkpoint that is due.
 */
import type { Step } from '../engine/core/model.ts';
import type { RunState, StepState } from '../engine/core/state.ts';
import { layersOf } from '../engine/core/state.ts';
import { checkpointDue } from '../engine/host/checkpoint-due.ts';
import type { PlannedStep } from './run-view-schema.ts';

type PlannedUndo = Pick<PlannedStep, 'checkpoint' | 'undo' | 'undo_command' | 'irreversible'>;

export class PlannedUndos {
  readonly #run: RunState;
  /** Checkpoints that would be there by now. */
  #taken = 0;

  /** @param run of the definition, with no event but its first */
  constructor(run: RunState) {
    this.#run = run;
  }

  /** @param commandsOf what its undo steps would run */
  of(step: Step, commandsOf: (undo: readonly Step[]) => readonly string[]): PlannedUndo {
    if (step.body) return {};
    const checkpoint = this.#checkpointBefore(step);
    const { effects = 'none', undo, irreversible } = step;
    if (effects === 'none') return checkpoint;
    if (undo) return { ...checkpoint, undo: 'steps', undo_command: commandsOf(undo).join('\n') };
    if (irreversible !== undefined) return { ...checkpoint, undo: 'irreversible', irreversible };
    const isCovered = effects === 'workspace' && this.#taken > 0;
    return { ...checkpoint, undo: isCovered ? 'checkpoint' : 'none' };
  }

  #checkpointBefore(step: Step): Pick<PlannedUndo, 'checkpoint'> {
    const due = checkpointDue(this.#run, pending(this.#run, step));
    if (!due || (due.why === 'automatic' && this.#taken > 0)) return {};
    this.#taken += 1;
    return { checkpoint: due.id };
  }
}

const pending = (run: RunState, step: Step): StepState => ({
  key: step.id,
  step,
  layer: layersOf(step).at(-1) ?? 'task',
  indices: [],
  frame: run.steps,
  status: 'pending',
  unmet: 0,
  attempt: 0,
  attemptBase: 0,
});
