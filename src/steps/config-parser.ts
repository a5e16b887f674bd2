/**
 * The fields of a step, parsed once: the checked definition stays the same object for all attempts of a step and all
 * iterations of a loop, and a schema costs more than the rest of a small step.
 */
import type * as z from 'zod';
import type { JsonObject } from '../engine/core/model.ts';

/** A parser that remembers; what it gives is shared, and nobody changes it. Throws where the schema refuses. */
export function configParser<Schema extends z.ZodType>(
  schema: Schema,
): (config: JsonObject) => Readonly<z.output<Schema>> {
  const known = new WeakMap<JsonObject, z.output<Schema> & object>();
  return (config) => {
    const parsed = known.get(config) ?? (schema.parse(config) as z.output<Schema> & object);
    known.set(config, parsed);
    return parsed;
  };
}
