/**
 * One value against the declaration of its input. Owns what each type accepts; used for defaults and enums when
 * a definition is read, and for the values of a run. Patterns are matched apart, for all values together, because
 * their time is bounded together.
 */
import type { InputSpec, InputType, Json } from '../engine/core/model.ts';
import { sameJson } from '../engine/core/same-json.ts';
import { describe } from './diagnostic.ts';
import { nearHint } from './did-you-mean.ts';
import { matchPatterns } from './pattern.ts';

export interface ValueProblem {
  readonly code: 'wrong_type' | 'wrong_value' | 'out_of_range';
  /** What was expected and what was found, to stand after the name. */
  readonly message: string;
  readonly hint?: string | undefined;
}

/** undefined when the value fits; its `pattern` is not looked at. */
export function valueProblem(spec: InputSpec, value: Json): ValueProblem | undefined {
  const found = describe(value);
  if (!hasType(spec.type, value)) {
    return { code: 'wrong_type', message: `must be ${TYPE_NAMES[spec.type]}, found ${found}` };
  }
  if (spec.enum && !spec.enum.some((one) => sameJson(one, value))) {
    const names = spec.enum.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
    const message = `must be one of ${names.map((name) => `\`${name}\``).join(', ')}, found ${found}`;
    return {
      code: 'wrong_value',
      message,
      hint: typeof value === 'string' ? nearHint(value, names) : undefined,
    };
  }
  return boundProblem(spec, value);
}

const TYPE_NAMES: { readonly [type in InputType]: string } = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a map',
  file: 'the path of a file',
};

function hasType(type: InputType, value: Json): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'file':
      return typeof value === 'string' && value !== '';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}

function boundProblem({ minimum, maximum }: InputSpec, value: Json): ValueProblem | undefined {
  const [measured, what] = measure(value);
  if (measured === undefined) return undefined;
  if (minimum !== undefined && measured < minimum) {
    return { code: 'out_of_range', message: `must be at least ${minimum}${what}, found ${measured}${what}` };
  }
  if (maximum !== undefined && measured > maximum) {
    return { code: 'out_of_range', message: `must be at most ${maximum}${what}, found ${measured}${what}` };
  }
  return undefined;
}

function measure(value: Json): [number | undefined, string] {
  if (typeof value === 'number') return [value, ''];
  if (typeof value === 'string') return [[...value].length, ' characters'];
  return Array.isArray(value) ? [value.length, ' items'] : [undefined, ''];
}

/** Values that do not match the pattern of their input, each handed to `report`. Only text is matched. */
export function checkPatterns(
  values: readonly { readonly spec: InputSpec; readonly value: Json; report(problem: ValueProblem): void }[],
): void {
  const texts = values.flatMap(({ spec: { pattern }, value, report }) =>
    pattern !== undefined && typeof value === 'string' ? [{ pattern, value, report }] : [],
  );
  for (const [index, matched] of matchPatterns(texts).entries()) {
    const { pattern, value, report } = texts[index]!;
    if (matched === false) {
      report({ code: 'wrong_value', message: `must match \`${pattern}\`, found ${describe(value)}` });
    } else if (matched === 'slow') {
      const hint = 'the pattern backtracks too much: write it without a repeat inside a repeat';
      report({ code: 'wrong_value', message: `could not be matched against \`${pattern}\` in time`, hint });
    }
  }
}
