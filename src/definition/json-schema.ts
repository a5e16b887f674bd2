/** The JSON Schema of a definition, for editors; made from the same zod pieces that check it. */
import * as z from 'zod';
import type { JsonObject } from '../engine/core/model.ts';
import { type Catalogue, stepSchemas } from './schema/catalogue-schemas.ts';
import { workflowSchema } from './schema/workflow.ts';

/** Draft 2020-12; each step type is one alternative of `$defs/step`. */
export function definitionJsonSchema(catalogue: Catalogue): JsonObject {
  const kinds: z.ZodType[] = [];
  const step: z.ZodType = z.lazy(() => z.union(kinds as [z.ZodType, z.ZodType]));
  const steps = z.array(step).min(1);
  const named = z.registry<{ id?: string }>();
  named.add(step, { id: 'step' });
  for (const [type, schema] of stepSchemas(catalogue, steps, step)) {
    kinds.push(schema);
    named.add(schema, { id: `step-${type}` });
  }
  const schema = z.toJSONSchema(workflowSchema(steps), {
    io: 'input',
    unrepresentable: 'any',
    metadata: named,
    // a registry of one's own knows nothing of what `describe` has said
    override({ zodSchema, jsonSchema }) {
      const { description } = z.globalRegistry.get(zodSchema) ?? {};
      if (description !== undefined) jsonSchema.description = description;
    },
  });
  return { ...schema, title: 'Belay workflow' } as unknown as JsonObject;
}
