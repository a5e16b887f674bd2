/** The type of a step that has been checked: not to know it is a bug. */
import { Bug } from '../engine/core/failure.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { stepType } from '../steps/catalogue.ts';

export function knownStepType(name: string): StepType {
  const type = stepType(name);
  if (!type) throw new Bug(`step type ${name} is not in the catalogue`);
  return type;
}
