/**
 * Whether an answer fits the flat JSON Schema of a question (an object of string, number, integer and boolean
 * properties, as MCP elicitation has them). Owns the check and the short form: a question with exactly one
 * required field may be answered by that field's bare value. Does not ask, journal or convert text.
 */
import type { Json, JsonObject } from '../engine/core/model.ts';

/** The answer as an object: a bare value stands for the only required field of the question. */
export function answerObject(schema: JsonObject, answer: Json): Json {
  const required = requiredOf(schema);
  const [only] = required;
  return isObject(answer) || required.length !== 1 || only === undefined ? answer : { [only]: answer };
}

/** Every reason why `answer` does not fit `schema`; empty when it fits. */
export function checkAnswer(schema: JsonObject, answer: Json): string[] {
  const given = answerObject(schema, answer);
  const properties = propertiesOf(schema);
  if (!isObject(given)) {
    return [`expected an object with ${names(Object.keys(properties))}, found ${describe(given)}`];
  }
  const problems: string[] = [];
  for (const name of requiredOf(schema)) {
    if (!Object.hasOwn(given, name)) problems.push(`\`${name}\` is missing`);
  }
  for (const [name, value] of Object.entries(given)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const problem = property
      ? checkValue(property, value)
      : `is no field: expected ${names(Object.keys(properties))}`;
    if (problem) problems.push(`\`${name}\` ${problem}`);
  }
  return problems;
}

/** One property of the schema against one value; undefined when it fits. */
export function checkValue(property: JsonObject, value: Json): string | undefined {
  const { type, enum: allowed, minimum, maximum, minLength, maxLength } = property;
  if (!hasType(type, value)) {
    return `expected ${type === 'integer' ? 'an' : 'a'} ${String(type)}, found ${describe(value)}`;
  }
  if (Array.isArray(allowed) && !allowed.includes(value)) {
    return `expected one of ${names(allowed.map(String))}, found ${describe(value)}`;
  }
  const [measured, low, high, unit] =
    typeof value === 'string'
      ? [[...value].length, minLength, maxLength, ' characters']
      : [value, minimum, maximum, ''];
  if (typeof measured !== 'number') return undefined;
  if (typeof low === 'number' && measured < low) return `expected at least ${low}${unit}, found ${measured}`;
  if (typeof high === 'number' && measured > high)
    return `expected at most ${high}${unit}, found ${measured}`;
  return undefined;
}

function hasType(type: Json | undefined, value: Json): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'number') return Number.isFinite(value);
  return type === typeof value;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const propertiesOf = (schema: JsonObject): { readonly [name: string]: JsonObject } =>
  (schema.properties ?? {}) as { readonly [name: string]: JsonObject };

const requiredOf = (schema: JsonObject): readonly string[] => (schema.required ?? []) as readonly string[];

const names = (list: readonly string[]): string => list.map((name) => `\`${name}\``).join(', ');

const describe = (value: Json): string => `\`${JSON.stringify(value)}\``;
