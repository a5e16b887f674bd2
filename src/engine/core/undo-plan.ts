/**
 * The order in which a run's steps are undone: last started first, and which of them may be undone side by side.
 * Says nothing about how a step is undone; a step that never started is never in the plan.
 */
import type { StepKey } from './events.ts';
import type { RunState, StepState } from './state.ts';

export interface UndoEntry {
  /** 1, 2, 3 … in the order of undoing. */
  readonly order: number;
  readonly key: StepKey;
  /** Sequence number of the last `step.started`. */
  readonly startedSeq: number;
  /** Entries that must be undone first: the steps that were built upon this one. */
  readonly after: readonly StepKey[];
}

/** Tasks of the run (not its cleanup) that were started at least once, in undo order. */
export function undoPlan(run: RunState): readonly UndoEntry[] {
  const started = [...run.byKey.values()].filter(isStarted).sort((a, b) => seqOf(b) - seqOf(a));
  return started.map((step, index) => ({
    order: index + 1,
    key: step.key,
    startedSeq: seqOf(step),
    after: started
      .slice(0, index)
      .filter((later) => follows(later, step))
      .map((later) => later.key),
  }));
}

const isStarted = (step: StepState): boolean =>
  step.layer === 'task' && step.frame.root === 'steps' && step.seq !== undefined && step.attempt > 0;

const seqOf = (step: StepState): number => step.seq ?? 0;

/** Did `later` start because `earlier` had finished? Compared in the innermost list that holds both. */
function follows(later: StepState, earlier: StepState): boolean {
  const path = pathOf(later);
  for (const at of pathOf(earlier)) {
    const beside = path.find((step) => step.frame === at.frame);
    if (!beside) continue;
    if (beside === at) return false;
    if (at.frame.owner?.layer === 'foreach') return (at.frame.owner.step.foreach?.maxParallel ?? 1) === 1;
    if (at.frame.owner?.layer === 'repeat') return true;
    return needs(beside, at);
  }
  return false;
}

function pathOf(step: StepState): readonly StepState[] {
  const path: StepState[] = [];
  for (let at: StepState | undefined = step; at; at = at.frame.owner) path.push(at);
  return path;
}

/** Does `step` need `other`, directly or through others of the same list? */
function needs(step: StepState, other: StepState): boolean {
  const seen = new Set<string>();
  const open = [...step.step.needs];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === other.step.id) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    const needed = step.frame.children.get(id);
    if (needed) open.push(...needed.step.needs);
  }
  return false;
}
