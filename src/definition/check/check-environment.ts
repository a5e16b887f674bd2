/**
 * `env:` and the scripts that read it. A value in a variable is safe as data; a script that evaluates the variable as
 * arithmetic would run what the value holds, so there no value of an expression may be in it.
 */
import type { DiagnosticList } from '../diagnostic.ts';
import { allSteps, ancestors, type Draft, type StepDraft } from '../draft.ts';
import { ARITHMETIC_HINT, evaluatedVariables } from '../expression/shell-script.ts';
import { shellProgram } from '../texts.ts';

export function checkEnvironment(draft: Draft, list: DiagnosticList): void {
  const steps = [...allSteps(draft.steps), ...allSteps(draft.cleanup)];
  const isComputed = [draft, ...steps].some(({ fields }) => Object.values(fields.env ?? {}).some(holdsValue));
  if (!isComputed) return;
  for (const step of steps) {
    for (const [field, kind] of Object.entries(step.stepType?.fields ?? {})) {
      const script = step.config[field];
      if (kind === 'shell' && typeof script === 'string') checkScript(step, field, script, draft, list);
    }
  }
}

const holdsValue = (text: string): boolean => text.includes('{{');

function checkScript(
  step: StepDraft,
  field: string,
  script: string,
  draft: Draft,
  list: DiagnosticList,
): void {
  for (const name of evaluatedVariables(script, shellProgram(step.config.shell))) {
    const around = [step, ...ancestors(step), draft].map(({ fields }) => fields.env ?? {});
    const nearest = around.find((env) => Object.hasOwn(env, name));
    if (!nearest || !holdsValue(nearest[name]!)) continue;
    list.add({
      code: 'unsafe_interpolation',
      message: `\`env.${name}\` holds a value of \`{{ }}\`, and the script evaluates \`$${name}\` as arithmetic`,
      hint: ARITHMETIC_HINT,
      path: [...step.path, field],
    });
  }
}
