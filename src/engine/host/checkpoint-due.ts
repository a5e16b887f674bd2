/** Which checkpoint a step needs before it starts, and what it covers. Takes nothing itself. */
import { realpathSync } from 'node:fs';
import { isWithin } from '../../checkpoint/coverage.ts';
import { pathText, rawBytes } from '../../checkpoint/path-text.ts';
import type { Budget } from '../../checkpoint/snapshot.ts';
import {
  CHECKPOINT_BYTES_MAX,
  CHECKPOINT_FILES_MAX,
  CHECKPOINT_MS_MAX,
  CHECKPOINT_UNASKED_BYTES_MAX,
  CHECKPOINT_UNASKED_MS_MAX,
} from '../core/limits.ts';
import type { CheckpointSpec, SnapshotScope } from '../core/model.ts';
import { strategyOf } from '../core/model.ts';
import type { CheckpointTaken } from '../core/rollback-events.ts';
import type { RunState, StepState } from '../core/state.ts';

export interface CheckpointDue {
  readonly id: string;
  readonly why: Exclude<CheckpointTaken['why'], 'rescue'>;
  /** Without it the step does not start. */
  readonly required: boolean;
  readonly spec: CheckpointSpec;
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly budget: Budget;
}

/** Taken where nobody gave a name. */
const AUTOMATIC = 'automatic';

export function checkpointDue(run: RunState, step: StepState): CheckpointDue | undefined {
  if (step.frame.root !== 'steps' || step.attempt > step.attemptBase) return undefined;
  const { checkpoint, destructive } = step.step;
  if (checkpoint) return due(run, step, 'asked', checkpoint);
  if (destructive) return due(run, step, 'destructive', {});
  return isAutomatic(run, step) ? due(run, step, 'automatic', {}) : undefined;
}

/** Before the first step whose files nothing else would bring back. */
function isAutomatic(run: RunState, { step }: StepState): boolean {
  const isOff = step.checkpoint === false || run.workflow.checkpoints === false;
  if (isOff || step.effects !== 'workspace' || step.undo || step.irreversible !== undefined) return false;
  const isThere = [...run.checkpoints.values()].some(({ taken }) => !taken.partial);
  return !isThere && run.checkpointSkipped === undefined;
}

/** A step's checkpoint of a part of the run's directory makes up for no other. What the workflow names is the whole. */
export function isPartial(run: RunState, { spec }: CheckpointDue, roots: readonly string[]): boolean {
  if (spec.paths === undefined) return false;
  const cwd = realCwd(run);
  return !roots.some((root) => isWithin(cwd, root));
}

/** As roots are written: where it really lies; as it was named when it is gone. */
function realCwd({ cwd }: RunState): string {
  try {
    return pathText(realpathSync.native(cwd, 'latin1'));
  } catch {
    return pathText(rawBytes(cwd));
  }
}

function due(run: RunState, step: StepState, why: CheckpointDue['why'], spec: CheckpointSpec): CheckpointDue {
  const common: SnapshotScope = run.workflow.checkpoints || {};
  const isWanted = run.workflow.checkpoints !== undefined || mayRollBack(run, step);
  const required = why !== 'automatic' || isWanted;
  return {
    id: why === 'automatic' ? AUTOMATIC : nameOf(step, spec),
    why,
    required,
    spec,
    paths: spec.paths ?? common.paths ?? ['.'],
    exclude: spec.exclude ?? common.exclude ?? [],
    budget: {
      bytes: spec.bytesMax ?? common.bytesMax ?? CHECKPOINT_BYTES_MAX,
      files: spec.filesMax ?? common.filesMax ?? CHECKPOINT_FILES_MAX,
      ms: spec.timeMs ?? common.timeMs ?? (required ? CHECKPOINT_MS_MAX : CHECKPOINT_UNASKED_MS_MAX),
      ...(!required && { newBytes: CHECKPOINT_UNASKED_BYTES_MAX }),
    },
  };
}

/** Each turn of a loop has its own. */
const nameOf = (step: StepState, { name = step.step.id }: CheckpointSpec): string =>
  `${name}${step.indices.map((index) => `[${index}]`).join('')}`;

/** A failure here would take the run back by itself. */
const mayRollBack = (run: RunState, { step }: StepState): boolean =>
  strategyOf(run.onFailure) !== undefined || strategyOf(step.onFailure) !== undefined;
