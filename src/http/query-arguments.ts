/** The query of a GET as arguments of its tool: text becomes what the schema of the argument wants, if it can. */
import type { z } from 'zod';
import type { Json, JsonObject } from '../engine/core/model.ts';
import { jsonSchema } from '../tools/json-schema.ts';

/** A name that is there twice is a list, and so is text with commas where a list is wanted. */
export function queryArguments(input: z.ZodObject, query: URLSearchParams): JsonObject {
  const { properties = {} } = jsonSchema(input) as { properties?: { [name: string]: { type?: string } } };
  const names = [...new Set(query.keys())];
  // entries, because a name of the query may be `__proto__`
  return Object.fromEntries(
    names.map((name) => [
      name,
      argument(query.getAll(name), Object.hasOwn(properties, name) ? properties[name]?.type : undefined),
    ]),
  );
}

function argument(given: readonly string[], type: string | undefined): Json {
  if (type === 'array') return given.flatMap((text) => text.split(','));
  const [text = '', ...more] = given;
  if (more.length > 0) return [...given];
  if ((type === 'integer' || type === 'number') && text.trim() !== '' && Number.isFinite(Number(text)))
    return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
