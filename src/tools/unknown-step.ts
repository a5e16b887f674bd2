/** A step id that a run does not have: the error that names the nearest ones. */
import { loadRun } from '../engine/host/load-run.ts';
import { failed } from './answers.ts';
import type { Belay } from './belay.ts';
import { nearestText } from './nearest-text.ts';
import type { ToolResult } from './tool.ts';

/** Undefined when the step is there, or when the run itself is not (its own error says so). */
export function unknownStep(belay: Belay, runId: string, step: string): ToolResult | undefined {
  const loaded = loadRun(belay.journal, runId);
  if (!loaded.ok || loaded.value.byKey.has(step)) return undefined;
  return failed({
    code: 'unknown_step',
    message: `step \`${step}\` is not in run \`${runId}\`; ${nearestText(step, [...loaded.value.byKey.keys()])}`,
    hint: 'workflow_status without `step` lists all steps of the run',
  });
}
