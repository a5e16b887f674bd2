/** What a model is told of the answer of an MCP tool: texts and data as they are, of all else what it is. */
import { isDeepStrictEqual } from 'node:util';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { Outcome } from '../../engine/core/step-type.ts';
import { cut } from './file-tools.ts';
import type { ToolResult } from './model.ts';

const INSTEAD = 'ask for less';

/** @param ending codes of failures that end the step; of others the model is told */
export function mcpResult(outcome: Outcome, ending: ReadonlySet<string>): Result<ToolResult, Failure> {
  if (!outcome.ok) {
    const { failure } = outcome;
    return ending.has(failure.code)
      ? err(failure)
      : ok({ text: cut(failure.message, INSTEAD), isError: true });
  }
  const { content = [], structured } = outcome.names ?? {};
  const said = (content as readonly JsonObject[]).map(pieceText).join('\n');
  const data = structured === undefined || isSame(said, structured) ? '' : JSON.stringify(structured);
  const text = [said, data].filter((part) => part.trim() !== '').join('\n');
  return ok({ text: cut(text === '' ? '(nothing)' : text, INSTEAD), isError: false });
}

/** Many servers say what they return once more as a text. */
function isSame(text: string, structured: Json): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), structured);
  } catch {
    return false;
  }
}

function pieceText(piece: JsonObject): string {
  const { type, text, uri, name, bytes } = piece;
  if (typeof text === 'string') return type === 'text' ? text : `${uri}:\n${text}`;
  if (typeof piece.resource === 'object' && piece.resource !== null)
    return pieceText(piece.resource as JsonObject);
  const known = [type ?? 'resource', piece.mimeType, uri, name].filter((one) => one !== undefined).join(' ');
  return `(${known}${bytes === undefined ? '' : `, ${bytes} bytes`})`;
}
