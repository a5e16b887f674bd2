/**
 * `set`: names values for later steps. Runs inside the host, touches nothing.
 * The rendered `values` are the step's outputs.
 */
import * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import type { JsonObject } from '../engine/core/model.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { configParser } from './config-parser.ts';

const schema = z.strictObject({
  values: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected a name of letters, digits and `_`'), z.json())
    .describe('Output name to value; text may hold {{ }}, and a value that is one {{ }} keeps its type'),
});

const fieldsOf = configParser(schema);

export const setStep: StepType<z.ZodObject> = {
  type: 'set',
  summary: 'Name values for later steps',
  schema,
  fields: { values: 'template' },
  effects: 'none',

  begin(context) {
    const { values } = fieldsOf(context.step.config);
    const rendered = context.render(values);
    if (!rendered.ok) return rendered;
    return ok({ kind: 'done', outcome: { ok: true, outputs: rendered.value as JsonObject } });
  },

  plan(context) {
    const names = Object.keys(fieldsOf(context.step.config).values);
    const rendered = this.begin(context);
    return {
      does: `sets ${names.map((name) => `\`${name}\``).join(', ')}`,
      ...(rendered.ok ? {} : { unknown: rendered.error.message }),
    };
  },
};
