/** An answer as words on the command line: `name=value` for fields, one bare value for the only required field. */
import type { Json, JsonObject } from '../engine/core/model.ts';
import { fieldsOf, fieldValue, requiredOf } from './form.ts';
import { usage } from './refusal.ts';

/** What does not fit the schema is left for the tool to refuse. */
export function typedAnswer(schema: JsonObject, words: readonly string[]): JsonObject {
  const fields = fieldsOf(schema);
  const answer: { [name: string]: Json } = {};
  const bare: string[] = [];
  for (const word of words) {
    const name = word.slice(0, Math.max(0, word.indexOf('=')));
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field) answer[name] = fieldValue(field, word.slice(name.length + 1));
    else bare.push(word);
  }
  if (bare.length === 0) return answer;
  const names = Object.keys(fields);
  const required = requiredOf(schema);
  const only = required.length === 1 ? required[0] : names.length === 1 ? names[0] : undefined;
  if (only === undefined || Object.hasOwn(answer, only)) {
    const known = names.map((name) => `${name}=…`).join(' ');
    throw usage(`\`${bare.join(' ')}\` is no field of the question`, `the question has ${known}`);
  }
  return { [only]: fieldValue(fields[only] ?? {}, bare.join(' ')), ...answer };
}
