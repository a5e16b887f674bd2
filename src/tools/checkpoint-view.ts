/** Checkpoints and changed files of a run in the shape of the public surface. */
import type { ChangeNote } from '../engine/core/rollback-events.ts';
import type { CheckpointState } from '../engine/core/rollback-state.ts';
import type { RunState, StepState } from '../engine/core/state.ts';
import type { RunView, StepView } from './run-view-schema.ts';

/** The newest, where not all are asked for. */
const SHOWN_MAX = 20;
/** Paths of one step; all of them where that step is asked for. */
const PATHS_SHOWN_MAX = 10;

type CheckpointView = RunView['checkpoints'][number];

/** @param whole all of them, and what each does not hold */
export function checkpointViews(run: RunState, whole: boolean): CheckpointView[] {
  const all = [...run.checkpoints.values()];
  return (whole ? all : all.slice(-SHOWN_MAX)).map((each) => checkpointView(each, whole));
}

function checkpointView({ id, at, taken }: CheckpointState, whole: boolean): CheckpointView {
  const { step = '', files, bytes, why, captures, omitted, omitted_count, notes } = taken;
  return {
    id,
    step,
    at: new Date(at).toISOString(),
    files,
    bytes,
    why,
    ...(captures !== undefined && { captures }),
    ...(whole && omitted && { omitted: [...omitted] }),
    ...(omitted_count !== undefined && { omitted_count }),
    ...(notes && { notes: [...notes] }),
  };
}

export function changesView(note: ChangeNote, whole: boolean): NonNullable<StepView['changes']> {
  const { created, changed, deleted, shown, beside, unknown } = note;
  return {
    created,
    changed,
    deleted,
    shown: [...(whole ? shown : shown.slice(0, PATHS_SHOWN_MAX))],
    ...(beside && beside.length > 0 && { beside: [...beside] }),
    ...(unknown !== undefined && { unknown }),
  };
}

/** How a step that was started would be taken back; undefined where it changes nothing. */
export function undoKind(run: RunState, state: StepState): StepView['undo'] {
  const { step, seq, frame } = state;
  if (state.layer !== 'task' || frame.root !== 'steps' || seq === undefined) return undefined;
  if (step.effects === undefined || step.effects === 'none') return undefined;
  if (step.undo) return 'steps';
  if (step.irreversible !== undefined) return 'irreversible';
  const isCovered = [...run.checkpoints.values()].some((checkpoint) => checkpoint.seq < seq);
  return step.effects === 'workspace' && isCovered ? 'checkpoint' : 'none';
}

/** What somebody should know who relies on taking the run back. */
export function rollbackWarnings(run: RunState): readonly string[] {
  const skipped =
    run.checkpointSkipped === undefined
      ? []
      : [`${run.checkpointSkipped}: files that the run changes cannot be brought back`];
  // each turn of a loop says the same
  const steps = new Set<string>();
  for (const state of run.byKey.values()) {
    const warning = state.status === 'undone' ? undefined : lastingText(run, state);
    if (warning !== undefined) steps.add(warning);
  }
  return [...skipped, ...steps];
}

function lastingText(run: RunState, state: StepState): string | undefined {
  const { id, irreversible } = state.step;
  const kind = undoKind(run, state);
  if (kind === 'irreversible') return `step \`${id}\` cannot be taken back: ${irreversible}`;
  if (kind !== 'none' || run.checkpointSkipped !== undefined) return undefined;
  return `step \`${id}\` has neither \`undo\` nor a checkpoint before it: it cannot be taken back`;
}
