/**
 * The values of one run against what its workflow declares: defaults put in, every wrong value said at once.
 * Text is taken as text; only `coerceInput` reads other types out of it, for command lines.
 */
import { DEFINITION_DEPTH_MAX, DEFINITION_KEYS_MAX, INPUTS_BYTES_MAX } from '../engine/core/limits.ts';
import type { InputSpec, Json, JsonObject, Workflow } from '../engine/core/model.ts';
import { type Diagnostic, DiagnosticList, describe } from './diagnostic.ts';
import { didYouMean } from './did-you-mean.ts';
import { checkPatterns, type ValueProblem, valueProblem } from './input-value.ts';
import { readValue } from './source/read-value.ts';

export interface CheckedInputs {
  /** With defaults; absent when anything is wrong or missing. */
  readonly inputs?: JsonObject;
  /** One for each missing input too (`missing_input`). */
  readonly diagnostics: Diagnostic[];
  /** Required inputs without a value, in the order of the declaration. */
  readonly missing: string[];
}

const LIMITS = {
  bytesMax: INPUTS_BYTES_MAX,
  keysMax: DEFINITION_KEYS_MAX * 10,
  depthMax: DEFINITION_DEPTH_MAX,
};

/** `null` stands for no value, as in forms that were left empty. */
export function checkInputs(workflow: Workflow, given: JsonObject): CheckedInputs {
  const list = new DiagnosticList({ locate: () => undefined });
  const read = readValue(given, LIMITS, list, ['inputs']);
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    const message = `inputs must be a map, found ${describe(read)}`;
    if (!list.hasErrors) list.add({ code: 'wrong_type', message, path: ['inputs'] });
    return { diagnostics: list.sorted(), missing: [] };
  }
  const values = new Map(Object.entries(read).filter(([, value]) => value !== null));
  const names = Object.keys(workflow.inputs);
  for (const name of values.keys()) {
    if (names.includes(name)) continue;
    const message = `workflow \`${workflow.name}\` has no input \`${name}\``;
    list.add({ code: 'unknown_input', message, hint: didYouMean(name, names), path: ['inputs', name] });
  }
  const inputs: { [name: string]: Json } = {};
  const missing: string[] = [];
  const fitting: Parameters<typeof checkPatterns>[0][number][] = [];
  for (const [name, spec] of Object.entries(workflow.inputs)) {
    const path = ['inputs', name];
    const value = values.get(name) ?? spec.default;
    if (value !== undefined) {
      const report = (problem: ValueProblem) =>
        list.add({ ...problem, message: `input \`${name}\` ${problem.message}`, path });
      const problem = valueProblem(spec, value);
      if (problem) report(problem);
      else fitting.push({ spec, value, report });
      inputs[name] = value;
    } else if (spec.required) {
      missing.push(name);
      list.add({ code: 'missing_input', message: `input \`${name}\` is missing`, hint: wanted(spec), path });
    }
  }
  checkPatterns(fitting);
  return { ...(list.hasErrors ? {} : { inputs }), diagnostics: list.sorted(), missing };
}

const wanted = (spec: InputSpec): string =>
  `give it as ${spec.type}${spec.description ? `: ${spec.description}` : ''}`;

/**
 * A value written on a command line (`-i replicas=3`) as the type its input has; text that cannot be read so stays
 * text, for `checkInputs` to refuse. A list may be JSON, or words parted by commas.
 */
export function coerceInput(spec: InputSpec, text: string): Json {
  switch (spec.type) {
    case 'string':
    case 'file':
      return text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'number':
    case 'integer':
      return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text) ? Number(text) : text;
    case 'array':
      return text.trimStart().startsWith('[') ? jsonOr(text) : text.split(',').filter((word) => word !== '');
    case 'object':
      return jsonOr(text);
  }
}

function jsonOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
