/**
 * Whether an answer fits the JSON Schema that a step asks for, and how an answer is found in what a model says.
 * Owns the check (by zod, which reads JSON Schema); does not ask again.
 */
import * as z from 'zod';
import { err, ok, type Result } from '../../engine/core/failure.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import { isTooDeep, TOO_DEEP } from '../../engine/core/value-depth.ts';

type Reader = z.ZodType<unknown>;

/** Made anew each time: schemas are read rarely, and a registry of all of them would only grow. */
const readerOf = (schema: JsonObject): Reader => z.fromJSONSchema(schema, { registry: z.registry() });

/** What is wrong with the schema itself; undefined when it can be read. */
export function schemaProblem(schema: JsonObject): string | undefined {
  try {
    readerOf(schema);
    return undefined;
  } catch (error) {
    return `expected a JSON Schema that can be checked: ${(error as Error).message}`;
  }
}

/** The answer, with defaults of the schema filled in, or every reason why it does not fit. */
export function fitAnswer(schema: JsonObject, answer: Json): Result<Json, readonly string[]> {
  const read = readerOf(schema).safeParse(answer);
  return read.success ? ok(read.data as Json) : err(read.error.issues.map(problemOf));
}

/** The same for what a model has said, with JSON somewhere in it. */
export function answerIn(text: string, schema: JsonObject): Result<Json, readonly string[]> {
  const found = jsonIn(text);
  if (isTooDeep(found)) return err([`it is ${TOO_DEEP}`]);
  if (found === undefined) {
    const isText = schema.type === 'string';
    return isText ? fitAnswer(schema, text.trim()) : err(['expected JSON, found none']);
  }
  return fitAnswer(schema, found);
}

function problemOf({ path, message }: { readonly path: PropertyKey[]; readonly message: string }): string {
  const where = path.map(String).join('.');
  const what = message.replace(/^Invalid input: /, '').replace(/^./, (first) => first.toLowerCase());
  return where === '' ? what : `\`${where}\` ${what}`;
}

/** The whole text, else what stands in its last fence, else from the first bracket to the last one. */
function jsonIn(text: string): Json | undefined {
  const fences = [...text.matchAll(/```(?:json)?[^\S\n]*\n([\s\S]*?)```/gi)].map(([, inside = '']) => inside);
  const bare = /[[{][\s\S]*[\]}]/.exec(text)?.[0];
  for (const candidate of [text, ...fences.reverse(), ...(bare === undefined ? [] : [bare])]) {
    try {
      return JSON.parse(candidate) as Json;
    } catch {
      // the next may be
    }
  }
  return undefined;
}
