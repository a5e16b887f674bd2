/** The zod schemas of the catalogue as JSON Schema, for every face that publishes them. */
import { z } from 'zod';

/** Converting is slow, and many tools share a schema. */
const converted = new WeakMap<z.ZodType, object>();

/**
 * The input side also of an output schema: it leaves plain objects open, so that a field that is added later
 * does not break a client which still checks against the older list.
 */
export function jsonSchema(schema: z.ZodType): object {
  const known = converted.get(schema);
  if (known) return known;
  const written = JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const json = JSON.parse(written, simplify) as object;
  converted.set(schema, json);
  return json;
}

/**
 * Leaves out what tells a client nothing, and every reference: clients that hand schemas to a model often refuse
 * them, and only "any JSON value" is recursive in this catalogue, for which `{}` says the same.
 */
function simplify(key: string, value: unknown): unknown {
  if (key === '$schema' || key === '$defs') return undefined;
  if (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) return undefined;
  if (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) return {};
  // JSON object keys are strings whatever a record says.
  if (key === 'propertyNames' && Object.keys(value).length === 1) return undefined;
  return value;
}
