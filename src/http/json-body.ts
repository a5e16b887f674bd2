/** The body of a REST call: one bounded JSON object, or an error that says what it is instead. */
import { isJsonContentType, readRequestBody } from '@modelcontextprotocol/server';
import { err, ok, type Result } from '../engine/core/failure.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { ToolError } from '../tools/tool.ts';
import { BODY_DEPTH_MAX } from './bounds.ts';

/** `{}` for a request without a body. */
export async function jsonBody(request: Request, bytesMax: number): Promise<Result<JsonObject, ToolError>> {
  const type = request.headers.get('content-type');
  const body = await readRequestBody(request, bytesMax);
  if (body.tooLarge) return err(tooLarge(bytesMax));
  if (body.text === '' && (type === null || isJsonContentType(type))) return ok({});
  // a page of another site may send what a form may send, and that is no JSON
  if (!isJsonContentType(type)) return err(wrongType(type));
  let value: unknown;
  try {
    value = JSON.parse(body.text);
  } catch (error) {
    return err(wrong(`the body is no JSON: ${(error as Error).message}`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return err(wrong('the body must be a JSON object'));
  if (isDeeper(value, BODY_DEPTH_MAX))
    return err(wrong(`the body is nested deeper than ${BODY_DEPTH_MAX} levels`));
  return ok(value as JsonObject);
}

/** Looks level by level, so that no depth is too much for the look itself. */
export function isDeeper(value: unknown, levelsMax: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levelsMax) return true;
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null
        ? Object.values(each).filter((inner) => typeof inner === 'object' && inner !== null)
        : [],
    );
  }
  return false;
}

const tooLarge = (bytesMax: number): ToolError => ({
  code: 'too_large',
  message: `the body has more than ${bytesMax} bytes`,
  hint: 'bring large data as files or artifacts',
});

const wrongType = (found: string | null): ToolError => ({
  code: 'wrong_media_type',
  message: `expected a body of type \`application/json\`, found ${found === null ? 'none' : `\`${found}\``}`,
  hint: 'send `Content-Type: application/json`',
});

const wrong = (message: string): ToolError => ({
  code: 'invalid_input',
  message,
  hint: '/openapi.json says what each call takes',
});
