/** The scripts of a checkpoint, ready to run: rendered and given the environment of the step they stand at. */
import { Bug, err, type Failure, ok, type Result } from '../core/failure.ts';
import type { Step } from '../core/model.ts';
import type { StepState } from '../core/state.ts';
import type { ScriptRun } from './run-script.ts';
import type { RunSource } from './run-source.ts';
import { stepContext } from './step-context.ts';

/** @param part `capture` or `restore` */
export function checkpointScripts(
  source: RunSource,
  at: StepState,
  part: 'capture' | 'restore',
): Result<readonly ScriptRun[], Failure> {
  const { checkpoint } = at.step;
  const scripts: ScriptRun[] = [];
  for (const [index, step] of ((checkpoint || undefined)?.[part] ?? []).entries()) {
    const script = ready(source, at, step);
    if (!script.ok)
      return err({ ...script.error, message: `${part} of \`${at.key}\`: ${script.error.message}` });
    const mark = `${source.run.runId}/${at.key}/${part}/${index}`;
    scripts.push({ name: `${part} of \`${at.key}\``, mark, spec: script.value });
  }
  return ok(scripts);
}

/** Begun like a task of its own in the place of the step. */
function ready(source: RunSource, at: StepState, step: Step): Result<ScriptRun['spec'], Failure> {
  const begun = source.stepType(step.type).begin(stepContext(source, { ...at, step }, 1));
  if (!begun.ok) return begun;
  if (begun.value.kind !== 'process') throw new Bug(`step type ${step.type} does not run a process`);
  return ok(begun.value.process);
}
