/**
 * What taking a run back would do, line by line: the rendered commands of each undo, the files of each restore, and
 * what stays as it is. Touches nothing; the order comes from `core/unwind`.
 */
import type { RestorePlan, Snapshots } from '../../checkpoint/snapshot.ts';
import { newFrame } from '../core/frames.ts';
import type { Step } from '../core/model.ts';
import type { StepItem, UnwindItem } from '../core/rollback-state.ts';
import { layersOf, type StepState, stepKey } from '../core/state.ts';
import type { StepType } from '../core/step-type.ts';
import { masked } from './mask.ts';
import { restoreTarget } from './restore-files.ts';
import { stepContext } from './step-context.ts';
import type { ScopeSource } from './step-scope.ts';

export interface PlanSource extends ScopeSource {
  stepType(type: string): StepType;
}

export interface PlanLine {
  readonly order: number;
  /** The step that is taken back, or that the checkpoint stands before. */
  readonly step: string;
  readonly kind: UnwindItem['kind'];
  /** False: it stays as it is. */
  readonly reversible: boolean;
  /** What an undo runs, rendered; one command a line or paragraph. */
  readonly command?: string;
  readonly checkpoint?: string;
  /** Why it stays, or why the plan of it is not known. */
  readonly why?: string;
  readonly files?: RestorePlan;
}

export async function planUnwind(
  source: PlanSource,
  items: readonly UnwindItem[],
  snapshots: Snapshots,
  diffBytesMax: number,
): Promise<readonly PlanLine[]> {
  const lines: PlanLine[] = [];
  for (const item of items) {
    if (item.kind === 'restore') lines.push(await restoreLine(source, item, snapshots, diffBytesMax));
    else lines.push(stepLine(source, item));
  }
  return lines.map((line) => masked(source.run.workflow, line));
}

async function restoreLine(
  { run }: PlanSource,
  { order, kind, checkpoint }: UnwindItem & { readonly kind: 'restore' },
  snapshots: Snapshots,
  diffBytesMax: number,
): Promise<PlanLine> {
  const files = await snapshots.plan(restoreTarget(run, checkpoint), { diffBytesMax });
  const line = { order, kind, step: checkpoint.taken.step ?? '', checkpoint: checkpoint.id };
  if (files.ok) return { ...line, reversible: true, files: files.value };
  return { ...line, reversible: false, why: files.error.message };
}

function stepLine(source: PlanSource, { order, kind, step }: StepItem): PlanLine {
  const line = { order, kind, step: step.key };
  switch (kind) {
    case 'undo':
      return { ...line, reversible: true, command: undoCommands(source, step) };
    case 'irreversible':
      return { ...line, reversible: false, why: step.step.irreversible ?? '' };
    case 'uncovered':
      return { ...line, reversible: false, why: 'it has neither `undo` nor a checkpoint before it' };
    default:
      return { ...line, reversible: true };
  }
}

/** Each of the undo's steps as it would run, with the values known now. */
function undoCommands(source: PlanSource, step: StepState): string {
  const undone = { ...step, ...step.before };
  return tasksOf(step.step.undo ?? [])
    .map((undo) => commandOf(source, undone, undo))
    .join('\n');
}

function commandOf(source: PlanSource, undone: StepState, undo: Step): string {
  const frame = newFrame('undo', undone.indices, undone);
  const state: StepState = {
    key: stepKey(undo.id, undone.indices),
    step: undo,
    layer: layersOf(undo).at(-1) ?? 'task',
    indices: undone.indices,
    frame,
    status: 'pending',
    unmet: 0,
    attempt: 0,
    attemptBase: 0,
  };
  const type = source.stepType(undo.type);
  // the run it takes back is not in its fields
  if (type.undoesItself && Object.keys(undo.config).length === 0) return takeRunsBack(undone);
  const plan = type.plan?.(stepContext(source, state, 1));
  return plan?.command ?? plan?.does ?? type.summary;
}

/** The runs that the step has started, the last one first, each as a person takes it back. */
function takeRunsBack({ innerRuns = [] }: StepState): string {
  if (innerRuns.length === 0) return '# it has started no run: there is nothing to do';
  return innerRuns
    .toReversed()
    .map((id) => `belay rollback ${id} --strategy graceful`)
    .join('\n');
}

const tasksOf = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((step) => (step.body ? tasksOf(step.body) : [step]));
