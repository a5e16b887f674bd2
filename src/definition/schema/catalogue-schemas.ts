/**
 * One schema for each kind of step, made from the step catalogue: common keys plus the type's own.
 * The type's own key wins where both have one (`message` of an approval, `condition` of an assertion).
 */
import * as z from 'zod';
import type { StepType } from '../../engine/core/step-type.ts';
import { blockKeys, stepKeys } from './step.ts';
import { workflowSchema } from './workflow.ts';

export type Catalogue = readonly StepType<z.ZodObject>[];

/** Each kind's whole schema, for editors; `block` is the kind of steps with a body. */
export function stepSchemas(
  catalogue: Catalogue,
  steps: z.ZodType,
  step: z.ZodType,
): Map<string, z.ZodObject> {
  const keys = stepKeys(steps, step);
  const schemas = new Map<string, z.ZodObject>();
  for (const { type, schema, summary } of catalogue) {
    const shape = { ...keys, ...schema.shape, type: literalType(type) };
    schemas.set(type, z.strictObject(shape).describe(summary));
  }
  schemas.set('block', z.strictObject({ ...keys, ...blockKeys(steps), type: literalType('block') }));
  return schemas;
}

/** `type` may be left out where another key tells it. */
function literalType(type: string): z.ZodType {
  return ['shell', 'block', 'workflow'].includes(type) ? z.literal(type).optional() : z.literal(type);
}

/** The same pieces for checking one step at a time: the steps inside stay unchecked. */
const unchecked = z.array(z.unknown());
export const uncheckedStep = z.strictObject({
  ...stepKeys(unchecked, z.looseObject({})),
  ...blockKeys(unchecked),
});
export const uncheckedWorkflow = workflowSchema(unchecked);
