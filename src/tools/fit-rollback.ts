/** Makes checkpoints, changed files and a rollback fit an answer: counts stay, lists and long texts are cut. */
import { type Bounds, cutText } from './answer-budget.ts';
import type { RunView, StepView } from './run-view-schema.ts';

type Rollback = NonNullable<RunView['rollback']>;
type Checkpoint = RunView['checkpoints'][number];

/** A path takes about this much. */
const PATH_BYTES = 96;

/** Entries of a list of paths. */
const pathsMax = ({ valueBytes }: Bounds): number => Math.floor(valueBytes / PATH_BYTES);

export function cutChanges(changes: NonNullable<StepView['changes']>, bounds: Bounds) {
  return { ...changes, shown: changes.shown.slice(0, pathsMax(bounds)) };
}

/** Of many the newest: they are the ones to go back to. */
export const cutCheckpoints = (checkpoints: readonly Checkpoint[], bounds: Bounds): Checkpoint[] =>
  checkpoints.slice(-bounds.rows).map(({ omitted, ...each }) => ({
    ...each,
    ...(omitted && { omitted: omitted.slice(0, pathsMax(bounds)) }),
  }));

export function cutRollback(rollback: Rollback, bounds: Bounds, whole: string): Rollback {
  const { conflicts, differs, reason } = rollback;
  const max = pathsMax(bounds);
  const cut = (text: string) => cutText(text, bounds.valueBytes, whole);
  return {
    ...rollback,
    ...(reason !== undefined && { reason: cut(reason) }),
    problems: rollback.problems.slice(0, bounds.rows).map((problem) => ({
      ...problem,
      message: cut(problem.message),
      ...(problem.command !== undefined && { command: cut(problem.command) }),
    })),
    left: rollback.left.slice(0, bounds.rows).map(({ step, why }) => ({ step, why: cut(why) })),
    ...(differs && { differs: differs.slice(0, max) }),
    ...(conflicts && { conflicts: { ...conflicts, shown: conflicts.shown.slice(0, max) } }),
  };
}
