/** The inputs of a workflow as a flat JSON Schema (2020-12): what forms, prompts and other programs ask for. */
import type { InputSpec, Json, JsonObject, Workflow } from '../engine/core/model.ts';

/**
 * @param only names to ask for; all unless said
 */
export function inputsSchema(
  workflow: Workflow,
  only: readonly string[] = Object.keys(workflow.inputs),
): JsonObject {
  const asked = Object.entries(workflow.inputs).filter(([name]) => only.includes(name));
  return {
    type: 'object',
    properties: Object.fromEntries(asked.map(([name, spec]) => [name, inputSchema(spec)])),
    required: asked.filter(([, spec]) => spec.required && spec.default === undefined).map(([name]) => name),
    additionalProperties: false,
  };
}

function inputSchema(spec: InputSpec): JsonObject {
  const isFile = spec.type === 'file';
  const description = spec.description ?? (isFile ? 'Path of a file' : undefined);
  const members: { [key: string]: Json | undefined } = {
    type: isFile ? 'string' : spec.type,
    description,
    ...bounds(spec),
    pattern: spec.pattern === undefined ? undefined : `^(?:${spec.pattern})$`,
    enum: spec.enum,
    default: spec.default,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}

function bounds({ type, minimum, maximum }: InputSpec): { readonly [key: string]: Json | undefined } {
  if (type === 'number' || type === 'integer') return { minimum, maximum };
  if (type === 'array') return { minItems: minimum, maxItems: maximum };
  return { minLength: minimum, maxLength: maximum };
}
