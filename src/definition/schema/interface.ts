/** What a workflow takes, needs and gives: inputs, prerequisites, outputs. */
import validRange from 'semver/ranges/valid.js';
import * as z from 'zod';
import type { InputSpec, InputType, OutputSpec, Prerequisite } from '../../engine/core/model.ts';
import { size } from './values.ts';

const INPUT_TYPES = [
  'string',
  'number',
  'integer',
  'boolean',
  'array',
  'object',
  'file',
] as const satisfies readonly InputType[];

const type = z.enum(INPUT_TYPES);

export const input = z
  .strictObject({
    type: type.optional().describe('string unless said'),
    description: z.string().optional(),
    required: z.boolean().optional(),
    default: z.json().optional(),
    enum: z.array(z.json()).min(1).optional(),
    pattern: z.string().optional().describe('ECMAScript regular expression; the whole value must match'),
    minimum: z.number().optional().describe('Of a number, or of the length of a text or list'),
    maximum: z.number().optional().describe('Of a number, or of the length of a text or list'),
  })
  .transform((raw) => ({ ...raw, type: raw.type ?? 'string', required: raw.required ?? false }) as InputSpec);

export const output = z
  .union([
    z.string(),
    z.strictObject({
      type: type.optional(),
      description: z.string().optional(),
      value: z.string().optional().describe('Template; without it the step output of the same name is taken'),
    }),
  ])
  .transform((raw) => (typeof raw === 'string' ? { value: raw } : raw) as OutputSpec);

const tool = z
  .strictObject({
    tool: z.string().regex(/^[^\s/]+$/, 'expected the name of a program'),
    version: z
      .string()
      .refine(
        (range) => validRange(range) !== null,
        'expected a version range such as `>=20` or `18.x || 20.x`',
      )
      .optional(),
  })
  .transform((raw) => ({ kind: 'tool', ...raw }) as Prerequisite);
const variable = z
  .strictObject({ env: z.string().regex(/^\w+$/, 'expected the name of an environment variable') })
  .transform((raw): Prerequisite => ({ kind: 'env', ...raw }));
const reachable = z
  .strictObject({ reachable: z.string().min(1).describe('URL, or host:port') })
  .transform((raw): Prerequisite => ({ kind: 'reachable', ...raw }));
const disk = z
  .strictObject({ disk: size })
  .transform((raw): Prerequisite => ({ kind: 'disk', bytes: raw.disk }));

export const prerequisite = z.union([tool, variable, reachable, disk]);
