/** Going on with another version of a run's workflow: which one is meant, whether it fits, and what runs again. */
import { ok, type Result } from '../engine/core/failure.ts';
import type { JsonObject, Workflow } from '../engine/core/model.ts';
import { changedSteps } from '../engine/core/redefine.ts';
import type { RunState } from '../engine/core/state.ts';
import { failed } from './answers.ts';
import type { Belay } from './belay.ts';
import { type ResolvedWorkflow, resolveWorkflow, type WorkflowChoice } from './resolve-workflow.ts';
import type { ToolResult } from './tool.ts';

/** The definition to go on with; undefined: that of the run. */
export async function redefinition(
  belay: Belay,
  { workflow, definition }: Pick<WorkflowChoice, 'workflow' | 'definition'>,
): Promise<Result<ResolvedWorkflow | undefined, ToolResult>> {
  if (workflow === undefined && definition === undefined) return ok(undefined);
  return resolveWorkflow(belay, { workflow, definition });
}

/** Which steps run again because they are not what they were. */
export function changeWarnings(run: RunState, redefined: ResolvedWorkflow | undefined): readonly string[] {
  const changed = redefined ? changedSteps(run.workflow.steps, redefined.workflow.steps) : [];
  if (changed.length === 0) return [];
  const names = changed.map((id) => `\`${id}\``).join(', ');
  const them = changed.length === 1 ? 'it' : 'them';
  return [`the definition has changed: ${names} and what comes after ${them} run again`];
}

/** Inputs of the run that the other definition has, too. */
export const keptInputs = (run: RunState, { inputs }: Workflow): JsonObject =>
  Object.fromEntries(Object.entries(run.inputs).filter(([name]) => Object.hasOwn(inputs, name)));

export function otherWorkflow(
  run: RunState,
  redefined: ResolvedWorkflow | undefined,
): ToolResult | undefined {
  const name = redefined?.workflow.name;
  if (name === undefined || name === run.workflow.name) return undefined;
  return failed({
    code: 'conflict',
    message: `run \`${run.runId}\` is of workflow \`${run.workflow.name}\`, found a definition of \`${name}\``,
    hint: 'a run goes on with another version of its own workflow; workflow_execute starts another one',
  });
}
