/**
 * `assert`: stops the run when what should be true is not. Runs inside the host, touches nothing.
 * Every assertion is evaluated. The outputs list all that do not hold, whatever their severity; the failure those that
 * are errors, with the values they read.
 */
import * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import { OUTPUT_BYTES_MAX } from '../engine/core/limits.ts';
import type { Json, JsonObject } from '../engine/core/model.ts';
import type { Outcome, StepContext, StepType } from '../engine/core/step-type.ts';
import { assertionFailure, shown, type Violation, violationText } from './messages.ts';
import { referencesOf } from './references.ts';

const expression = z.union([z.string().trim().min(1), z.boolean()]);

const SEVERITIES = ['error', 'warning', 'info'] as const;
type Severity = (typeof SEVERITIES)[number];
const severity = z.enum(SEVERITIES);

const WARNINGS_MAX = 100;

const schema = z
  .strictObject({
    condition: expression.optional().describe('Expression that must be true'),
    that: expression.optional().describe('The same as `condition`'),
    assertions: z
      .array(
        z.union([
          expression,
          z.strictObject({
            that: expression,
            message: z.string().optional(),
            severity: severity.optional(),
          }),
        ]),
      )
      .min(1)
      .optional()
      .describe('Several assertions: expressions, or {that, message, severity}'),
    checks: z
      .array(
        z.strictObject({
          condition: expression,
          message: z.string().optional(),
          severity: severity.optional(),
        }),
      )
      .min(1)
      .optional()
      .describe('The same as a list of {condition, message, severity}'),
    severity: severity
      .optional()
      .describe(
        'Of those that name none: error (unless said) fails the step, warning warns, info is only listed',
      ),
    message: z.string().optional().describe('What a violation means; may hold {{ }}'),
  })
  .refine(
    (config) =>
      [config.condition, config.that, config.assertions, config.checks].filter((value) => value !== undefined)
        .length === 1,
    { error: 'expected exactly one of `condition` (also written `that`), `assertions` and `checks`' },
  );

interface Assertion {
  readonly that: string;
  readonly severity: Severity;
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
    'assertions.severity': 'literal',
    checks: 'expression',
    'checks.message': 'template',
    'checks.severity': 'literal',
    severity: 'literal',
    message: 'template',
  },
  effects: 'none',

  begin(context) {
    const found = assertionsOf(context)
      .map((assertion) => violation(context, assertion))
      .filter((one) => one !== undefined);
    return ok({ kind: 'done', outcome: verdict(context, found) });
  },

  plan(context) {
    const all = assertionsOf(context).map((assertion) => `\`${assertion.that}\``);
    return { does: `checks ${all.join(', ')}` };
  },
};

function assertionsOf(context: StepContext): readonly Assertion[] {
  const {
    condition,
    that,
    assertions,
    checks,
    severity: usual = 'error',
  } = schema.parse(context.step.config);
  const written = assertions ?? checks ?? [condition ?? that ?? true];
  return written.map((one) => {
    if (typeof one !== 'object') return { that: String(one), severity: usual };
    const asserted = 'that' in one ? one.that : one.condition;
    return { that: String(asserted), message: one.message, severity: one.severity ?? usual };
  });
}

interface Found extends Violation {
  readonly severity: Severity;
}

function verdict(context: StepContext, found: readonly Found[]): Outcome {
  const { message } = schema.parse(context.step.config);
  const said = message && textOf(context, message);
  const errors = found.filter((one) => one.severity === 'error');
  const outputs = { violations: listed(found, said ?? ''), count: found.length };
  if (errors.length > 0) return { ok: false, failure: assertionFailure(errors, said), outputs };
  const warnings = found
    .filter((one) => one.severity === 'warning')
    .slice(0, WARNINGS_MAX)
    .map((one) => violationText(said && !one.message ? { ...one, message: said } : one));
  return { ok: true, outputs, ...(warnings.length > 0 && { warnings }) };
}

/** As many as an output holds; the count says how many there are. */
function listed(found: readonly Found[], said: string): readonly JsonObject[] {
  const all = found.map(({ that, severity: weight, message = said, ...one }) => ({
    severity: weight,
    condition: that,
    message,
    ...one,
  }));
  let bytes = 0;
  return all.filter((one) => {
    bytes += Buffer.byteLength(JSON.stringify(one)) + 1;
    return bytes < OUTPUT_BYTES_MAX;
  });
}

function violation(context: StepContext, assertion: Assertion): Found | undefined {
  const result = context.evaluate(assertion.that);
  if (result.ok && result.value === true) return undefined;
  const found = result.ok ? wording(result.value) : `cannot be evaluated: ${result.error.message}`;
  return {
    that: assertion.that,
    severity: assertion.severity,
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
