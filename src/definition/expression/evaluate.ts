/**
 * Expressions and templates to values. Owns the failures that evaluation gives; compiling is `compile.ts`,
 * shell scripts are `shell-command.ts`, which never puts a value into the script's text.
 */
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import type { Json } from '../../engine/core/model.ts';
import { compile } from './compile.ts';
import { toText } from './functions.ts';
import { excerpt } from './parse.ts';
import { startRun } from './run.ts';
import type { Scope } from './scope.ts';
import { findSpots } from './template.ts';
import { ExpressionError, toJson, typeName, type Value } from './value.ts';

/** The value of an expression, written bare or in `{{ }}`. Failure `expression`. */
export function evaluate(source: string, scope: Scope): Result<Json, Failure> {
  return attempt(source, scope, toJson);
}

/** A condition: true or false; any other value is a failure that says what was found. */
export function evaluateCondition(source: string, scope: Scope): Result<boolean, Failure> {
  return attempt(source, scope, (value) => {
    if (typeof value === 'boolean') return value;
    throw new ExpressionError(
      `a condition is true or false, found ${typeName(value)} \`${excerpt(toText(value))}\``,
      {
        hint: "compare it, such as x == 'yes' or size(x) > 0",
      },
    );
  });
}

/** A template of any shape: a string that is exactly one `{{ }}` keeps its type, other strings become text. */
export function render(template: Json, scope: Scope): Result<Json, Failure> {
  if (typeof template === 'string') {
    const [spot, ...others] = template.includes('{{') ? findSpots(template).spots : [];
    const isWhole = spot && others.length === 0 && template.trim().length === spot.end - spot.start;
    return isWhole ? evaluate(template, scope) : renderText(template, scope);
  }
  if (template === null || typeof template !== 'object') return ok(template);
  if (Array.isArray(template)) return renderAll(template, scope);
  const values = renderAll(Object.values(template), scope);
  if (!values.ok) return values;
  return ok(Object.fromEntries(Object.keys(template).map((key, index) => [key, values.value[index]!])));
}

function renderAll(templates: readonly Json[], scope: Scope): Result<Json[], Failure> {
  const values: Json[] = [];
  for (const template of templates) {
    const value = render(template, scope);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return ok(values);
}

/** Text with each `{{ }}` replaced: strings as they are, null as nothing, everything else as JSON. */
export function renderText(template: string, scope: Scope): Result<string, Failure> {
  if (!template.includes('{{')) return ok(template);
  const { spots, problems } = findSpots(template);
  if (problems[0]) return err(expressionFailure(problems[0].message, problems[0].hint));
  let text = '';
  let from = 0;
  for (const spot of spots) {
    const value = attempt(spot.source, scope, toText);
    if (!value.ok) return value;
    text += template.slice(from, spot.start) + value.value;
    from = spot.end;
  }
  return ok(text + template.slice(from));
}

function attempt<T>(source: string, scope: Scope, finish: (value: Value) => T): Result<T, Failure> {
  const { evaluate: run, problems } = compile(source);
  if (problems[0]) return err(expressionFailure(problems[0].message, problems[0].hint));
  try {
    return ok(finish(run(startRun(scope))));
  } catch (error) {
    if (error instanceof ExpressionError) {
      return err(expressionFailure(`expression \`${excerpt(source)}\`: ${error.message}`, error.hint));
    }
    // Data nested too deep for the stack, or text too long for one string: limits of the world, not bugs.
    if (error instanceof RangeError) {
      return err(
        expressionFailure(`expression \`${excerpt(source)}\`: the data is too large or nested too deep`),
      );
    }
    throw error;
  }
}

const expressionFailure = (message: string, hint?: string): Failure => ({
  code: 'expression',
  retry: 'final',
  message,
  ...(hint === undefined ? {} : { hint }),
});
