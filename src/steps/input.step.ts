/**
 * `input`: asks for values in the middle of a run; the answer is the step's outputs.
 * Owns the form (a flat object, as MCP elicitation requires) and the strict reading of its answer.
 * Asks a human unless the step says that an agent may answer.
 */
import * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import type { Json, JsonObject } from '../engine/core/model.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { answerObject, checkAnswer, checkValue } from './check-answer.ts';
import { durationField, durationMs } from './duration.ts';
import { answerInvalid, expired } from './messages.ts';
import { answererFields, answererKinds, answerersOf, capabilitiesField } from './question/answerer-fields.ts';
import { showField, shownContext } from './question/shown-context.ts';

const described = { title: z.string().optional(), description: z.string().optional() };
const length = z.int().min(0).optional();

const property = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('string'),
      ...described,
      enum: z.array(z.string()).min(1).optional(),
      minLength: length,
      maxLength: length,
      default: z.string().optional(),
    }),
    z.strictObject({
      type: z.enum(['number', 'integer']),
      ...described,
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      default: z.number().optional(),
    }),
    z.strictObject({ type: z.literal('boolean'), ...described, default: z.boolean().optional() }),
  ])
  .superRefine((written, context) => {
    const problem =
      written.default === undefined ? undefined : checkValue(written as JsonObject, written.default);
    if (problem) context.addIssue({ code: 'custom', path: ['default'], message: problem });
  });

const properties = z
  .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected a name of letters, digits and `_`'), property)
  .refine((fields) => Object.keys(fields).length > 0, 'expected at least one field');

const form = z
  .strictObject({
    type: z.literal('object').optional(),
    properties,
    required: z.array(z.string()).optional(),
  })
  .superRefine((written, context) => {
    for (const [index, name] of (written.required ?? []).entries()) {
      if (Object.hasOwn(written.properties, name)) continue;
      const message = `expected the name of a property, found \`${name}\``;
      context.addIssue({ code: 'custom', path: ['required', index], message });
    }
  });

const schema = z
  .strictObject({
    message: z.string().min(1).describe('What is asked; may hold {{ }}'),
    fields: properties.optional().describe('Field name to JSON Schema; one without a default is required'),
    schema: form.optional().describe('The whole form as a JSON Schema, in place of `fields`'),
    show: showField.optional(),
    asked_of: z.enum(['human', 'agent']).optional().describe('Who may answer: a human unless said'),
    ...answererFields,
    capabilities: capabilitiesField.optional(),
    expires: durationField.optional().describe('Time to answer; without it the question stays open'),
    on_expire: z
      .enum(['fail', 'defaults'])
      .optional()
      .describe('When nobody answered in time: fail unless said, or go on with the defaults'),
  })
  .refine((config) => (config.fields === undefined) !== (config.schema === undefined), {
    error: 'expected exactly one of `fields` and `schema`',
  })
  .refine((config) => config.capabilities === undefined || config.asked_of === 'agent', {
    path: ['capabilities'],
    error: 'expected `asked_of: agent` where there is `capabilities`',
  })
  .refine((config) => config.on_expire !== 'defaults' || hasDefaults(formOf(config)), {
    path: ['on_expire'],
    error: '`defaults` needs a default for each field that is required',
  });

interface Config {
  readonly fields?: z.infer<typeof properties> | undefined;
  readonly schema?: z.infer<typeof form> | undefined;
}

export const inputStep: StepType<z.ZodObject> = {
  type: 'input',
  summary: 'Ask for values',
  schema,
  fields: {
    message: 'template',
    fields: 'literal',
    schema: 'literal',
    show: 'template',
    asked_of: 'literal',
    ...answererKinds,
    capabilities: 'literal',
    expires: 'literal',
    on_expire: 'literal',
  },
  effects: 'none',

  begin(context) {
    const config = schema.parse(context.step.config);
    const prompt = context.renderText(config.message);
    if (!prompt.ok) return prompt;
    const shown = shownContext(context, config.show);
    if (!shown.ok) return shown;
    const ms = durationMs(config.expires);
    return ok({
      kind: 'ask',
      ask: {
        kind: 'input',
        prompt: prompt.value,
        ...shown.value,
        ...answerersOf(config),
        schema: formOf(config),
        askedOf: config.asked_of ?? 'human',
        ...(ms === undefined ? {} : { expiresAtMs: context.nowMs + ms }),
      },
    });
  },

  answered(context, answer) {
    const asked = formOf(schema.parse(context.step.config));
    const problems = checkAnswer(asked, answer);
    if (problems.length > 0) return { ok: false, failure: answerInvalid(context.key, problems) };
    return { ok: true, outputs: { ...defaultsOf(asked), ...(answerObject(asked, answer) as JsonObject) } };
  },

  expired(context) {
    const config = schema.parse(context.step.config);
    if (config.on_expire === 'defaults') return { ok: true, outputs: defaultsOf(formOf(config)) };
    return { ok: false, failure: expired(context.key) };
  },

  plan(context) {
    const config = schema.parse(context.step.config);
    const prompt = context.renderText(config.message);
    const names = Object.keys(formOf(config).properties).map((name) => `\`${name}\``);
    return {
      does: `asks for ${names.join(', ')}${prompt.ok ? `: ${prompt.value}` : ''}`,
      ...(prompt.ok ? {} : { unknown: prompt.error.message }),
    };
  },
};

interface Form {
  readonly [key: string]: Json;
  readonly properties: { readonly [name: string]: JsonObject };
  readonly required: readonly string[];
}

function formOf(config: Config): Form {
  const written = (config.schema?.properties ?? config.fields ?? {}) as Form['properties'];
  const withoutDefault = Object.keys(written).filter((name) => written[name]?.default === undefined);
  return {
    type: 'object',
    properties: written,
    required: config.schema?.required ?? (config.schema ? [] : withoutDefault),
  };
}

const hasDefaults = ({ properties: fields, required }: Form): boolean =>
  required.every((name) => fields[name]?.default !== undefined);

function defaultsOf(asked: Form): JsonObject {
  const defaults = Object.entries(asked.properties).map(([name, { default: value }]) => [name, value]);
  return Object.fromEntries(defaults.filter(([, value]) => value !== undefined));
}
