/** What stands against a rollback that fits the run: checkpoints that are gone, files that others have changed. */
import type { RestorePlan } from '../checkpoint/snapshot.ts';
import type { ConflictPolicy } from '../engine/core/rollback-events.ts';
import type { RunState } from '../engine/core/state.ts';
import type { PlanLine } from '../engine/host/plan-unwind.ts';
import type { PlannedRollback } from './confirm-rollback.ts';
import { conflictsIn, isMoving, lostIn } from './rollback-plan.ts';
import type { ToolError } from './tool.ts';
import { shortPath } from './visible-path.ts';

/** Paths that an error names. */
const NAMED_MAX = 20;

/** While something still changes files nobody can tell whose changes they are: the rollback itself looks again. */
export const conflictsNow = (run: RunState, lines: readonly PlanLine[]): RestorePlan['conflicts'] =>
  isMoving(run) ? { count: 0, shown: [] } : conflictsIn(lines);

/** Nothing is changed when only a part could come back; instructions for a person say so by themselves. */
export function lostProblem({ run, lines, harmless }: PlannedRollback): ToolError | undefined {
  const [first, ...others] = harmless ? [] : lostIn(lines);
  if (!first) return undefined;
  const files = changedFiles(run);
  const more = others.length > 0 ? `, and ${others.length} more checkpoints` : '';
  return {
    code: 'snapshot_gone',
    message: `the files of checkpoint \`${first.checkpoint}\` cannot come back: ${first.why}${more}; nothing was changed${
      files.length > 0 ? `. The run has changed ${files.join(', ')}` : ''
    }`,
    hint: 'strategy manual lists what a person has to do; an older or newer checkpoint may still be there (workflow_status with include checkpoints)',
    data: { checkpoints: [first, ...others].map(({ checkpoint = '' }) => checkpoint), files },
  };
}

function changedFiles(run: RunState): readonly string[] {
  const paths = run.changes.flatMap(({ note }) => note.shown.map(({ path }) => shortPath(path, run.cwd)));
  return [...new Set(paths)].slice(0, NAMED_MAX);
}

/** Others have changed files, and nobody has said what to do with that. */
export function openConflicts(
  { run, harmless }: PlannedRollback,
  { count, shown }: RestorePlan['conflicts'],
  args: { readonly on_conflict?: ConflictPolicy | undefined },
): ToolError | undefined {
  if (harmless || count === 0 || (args.on_conflict ?? 'stop') !== 'stop') return undefined;
  const named = shown
    .slice(0, NAMED_MAX)
    .map(({ path, found }) => `\`${shortPath(path, run.cwd)}\` (${found})`);
  const more = count > named.length ? ` and ${count - named.length} more` : '';
  return {
    code: 'conflict',
    message: `${count} ${count === 1 ? 'file was' : 'files were'} changed by others after the run: ${named.join(', ')}${more}; nothing was changed`,
    hint: 'call again with `on_conflict: keep` to leave these files as they are, or `on_conflict: overwrite` to bring them back all the same',
    data: { conflicts: { count, shown: shown.slice(0, NAMED_MAX).map((each) => ({ ...each })) } },
  };
}
