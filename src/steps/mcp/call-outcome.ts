/**
 * What a step makes of the answer of an MCP server: the outputs that expressions read, and what the journal keeps of
 * them. What is too large for it is there for the step's own `outputs:` only.
 */
import type { Failure } from '../../engine/core/failure.ts';
import { OUTPUT_BYTES_MAX } from '../../engine/core/limits.ts';
import type { Json, JsonObject } from '../../engine/core/model.ts';
import type { Outcome } from '../../engine/core/step-type.ts';
import { withoutSecrets } from '../http/without-secrets.ts';
import type { McpCall } from './mcp-call.ts';

/** Of an answer that is no success. */
const FAILED_TEXT_CHARS_MAX = 4_000;

/** @param known what is kept always; small */
export function succeeded(call: McpCall, known: JsonObject, got: JsonObject): Outcome {
  const shown = withoutSecrets({ known, got }, call.secrets);
  const names = { ...shown.known, ...shown.got };
  if (call.keepsLittle) return { ok: true, names, outputs: shown.known };
  const outputs: { [name: string]: Json } = { ...shown.known };
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(shown.got)) {
    const bytes = Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
    if (bytes <= OUTPUT_BYTES_MAX) outputs[name] = value;
    else warnings.push(`\`${name}\` has ${bytes} bytes: only \`outputs:\` of the step itself can read it`);
  }
  return { ok: true, names, outputs, warnings };
}

export function failed(call: McpCall, failure: Failure, outputs?: JsonObject): Outcome {
  const cut = outputs && { ...outputs, text: String(outputs.text ?? '').slice(0, FAILED_TEXT_CHARS_MAX) };
  return {
    ok: false,
    failure: withoutSecrets(failure as unknown as JsonObject, call.secrets) as unknown as Failure,
    ...(cut && { outputs: withoutSecrets(cut, call.secrets) }),
  };
}
