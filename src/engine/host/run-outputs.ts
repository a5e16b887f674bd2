/** The outputs of a whole run, computed once at its end from what its steps left. */
import { render } from '../../definition/expression/evaluate.ts';
import { OUTPUT_BYTES_MAX, STEP_OUTPUTS_BYTES_MAX } from '../core/limits.ts';
import type { Json, JsonObject, OutputSpec } from '../core/model.ts';
import type { RunState } from '../core/state.ts';
import type { ScopeSource } from './step-scope.ts';
import { scopeAt } from './step-scope.ts';

/** `problem` names the first output that could not be computed; the others are there all the same. */
export function runOutputs(source: ScopeSource): { readonly outputs: JsonObject; readonly problem?: string } {
  const scope = scopeAt(source, undefined);
  const outputs: { [name: string]: Json } = {};
  let problem: string | undefined;
  let bytes = 0;
  for (const [name, spec] of Object.entries(source.run.workflow.outputs)) {
    const value = spec.value === undefined ? sameName(source.run, name) : render(spec.value, scope);
    if (value === undefined) continue;
    if (value.ok) bytes += jsonBytes(value.value);
    const wrong = value.ok ? (misfit(spec, value.value) ?? overflow(bytes)) : value.error.message;
    if (value.ok && wrong === undefined) outputs[name] = value.value;
    else problem ??= `output \`${name}\`: ${wrong}`;
  }
  return problem === undefined ? { outputs } : { outputs, problem };
}

/** An output declared without a value is the step output of that name; the last step that has it wins. */
function sameName(run: RunState, name: string): { readonly ok: true; readonly value: Json } | undefined {
  for (const step of [...run.steps.children.values()].reverse()) {
    const value = step.outputs?.[name];
    if (value !== undefined) return { ok: true, value };
  }
  return undefined;
}

const jsonBytes = (value: Json): number => Buffer.byteLength(JSON.stringify(value));

const overflow = (bytes: number): string | undefined =>
  bytes > STEP_OUTPUTS_BYTES_MAX
    ? `with it the outputs are larger than ${STEP_OUTPUTS_BYTES_MAX} bytes together; write them to files and give their paths`
    : undefined;

function misfit(spec: OutputSpec, value: Json): string | undefined {
  if (jsonBytes(value) > OUTPUT_BYTES_MAX) {
    return `is larger than ${OUTPUT_BYTES_MAX} bytes; write it to a file and give its path`;
  }
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  const wanted = spec.type === 'integer' ? 'number' : spec.type === 'file' ? 'string' : spec.type;
  if (wanted === undefined || found === wanted) return undefined;
  return `expected ${spec.type}, found ${found} ${JSON.stringify(value).slice(0, 80)}`;
}
