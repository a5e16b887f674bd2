/**
 * `assert`: stops the run when what should be true is not. Runs inside the host, touches nothing.
 * Every assertion is evaluated, and the failure lists all that do not hold with the values they read.
 */
import * as z from 'zod';
import { err, ok } from '../engine/core/failure.ts';
import type { Json } from '../engine/core/model.ts';
import type { StepContext, StepType } from '../engine/core/step-type.ts';
import { assertionFailure, shown, type Violation } from './messages.ts';
import { referencesOf } from './references.ts';

const expression = z.union([z.string().trim().min(1), z.boolean()]);

const schema = z
  .strictObject({
    condition: expression.optional().describe('Expression that must be true'),
    that: expression.optional().describe('The same as `condition`'),
    assertions: z
      .array(z.union([expression, z.strictObject({ that: expression, message: z.string().optional() })]))
      .min(1)
      .optional()
      .describe('Several assertions: expressions, or {that, message}'),
    message: z.string().optional().describe('What a violation means; may hold {{ }}'),
  })
  .refine(
    (config) =>
      [config.condition, config.that, config.assertions].filter((value) => value !== undefined).length === 1,
    { error: 'expected exactly one of `condition` (also written `that`) and `assertions`' },
  );

interface Assertion {
  readonly that: string;
  readonly message?: string | undefined;
}

export const assertStep: StepType<z.ZodObject> = {
  type: 'assert',
  summary: 'Stop the run when an expression is not true',
  schema,
  fields: {
    condition: 'expression',
    that: 'expression',
    assertions: 'expression',
    'assertions.that': 'expression',
    'assertions.message': 'template',
    message: 'template',
  },
  effects: 'none',

  begin(context) {
    const violated = assertionsOf(context)
      .map((assertion) => violation(context, assertion))
      .filter((found) => found !== undefined);
    if (violated.length === 0) return ok({ kind: 'done', outcome: { ok: true } });
    const { message } = schema.parse(context.step.config);
    return err(assertionFailure(violated, message && textOf(context, message)));
  },

  plan(context) {
    const all = assertionsOf(context).map((assertion) => `\`${assertion.that}\``);
    return { does: `checks ${all.join(', ')}` };
  },
};

function assertionsOf(context: StepContext): readonly Assertion[] {
  const { condition, that, assertions } = schema.parse(context.step.config);
  const written = assertions ?? [condition ?? that ?? true];
  return written.map((one) =>
    typeof one === 'object' ? { that: String(one.that), message: one.message } : { that: String(one) },
  );
}

function violation(context: StepContext, assertion: Assertion): Violation | undefined {
  const result = context.evaluate(assertion.that);
  if (result.ok && result.value === true) return undefined;
  const found = result.ok ? wording(result.value) : `cannot be evaluated: ${result.error.message}`;
  return {
    that: assertion.that,
    found,
    values: valuesRead(context, assertion.that),
    ...(assertion.message ? { message: textOf(context, assertion.message) } : {}),
  };
}

const wording = (value: Json): string =>
  value === false ? 'is false' : `is not a boolean, found \`${shown(value)}\``;

function valuesRead(context: StepContext, source: string): { readonly [reference: string]: string } {
  const values: [string, string][] = [];
  for (const reference of referencesOf(source)) {
    const result = context.evaluate(reference);
    if (result.ok) values.push([reference, shown(result.value)]);
  }
  return Object.fromEntries(values);
}

/** A message must not hide the violation: where it cannot be rendered its source is shown. */
function textOf(context: StepContext, template: string): string {
  const rendered = context.renderText(template);
  return rendered.ok ? rendered.value : template;
}
