/**
 * `checkpoint`: a place to come back to, as a step of its own. It does nothing when it runs: what it asks for is taken
 * before it starts, as for a step with the key `checkpoint`. Owns the fields and their meaning as data; `capture` and
 * `restore` are read as steps by the loader.
 */
import * as z from 'zod';
import { ok } from '../engine/core/failure.ts';
import type { StepType } from '../engine/core/step-type.ts';
import { durationField, durationMs } from './duration.ts';
import { sizeBytes, sizeField } from './size.ts';

const command = z.string().min(1);
const commands = z.union([command, z.array(command).min(1)]);

const schema = z.strictObject({
  name: z
    .string()
    .max(64)
    .regex(
      /^[A-Za-z_][\w-]*$/,
      'expected a name of letters, digits, `_` and `-` that does not start with a digit',
    )
    .optional()
    .describe("Unique in the workflow; the step's id unless said"),
  paths: z
    .array(z.string().min(1))
    .optional()
    .describe('Files and folders, from the directory of the run; that directory unless said'),
  exclude: z.array(z.string().min(1)).optional().describe('What is left out; patterns as in .gitignore'),
  max_bytes: sizeField.optional().describe('What it may hold; 5GB unless said'),
  max_files: z.int().min(1).optional().describe('500,000 unless said'),
  timeout: durationField
    .refine((written) => durationMs(written) !== 0, 'expected a duration above zero')
    .optional()
    .describe('Time to take it; 1m unless said'),
  capture: commands.optional().describe('Commands whose output is kept with it'),
  restore: commands.optional().describe('Commands that get it back as input, one for each of `capture`'),
});

export const checkpointStep: StepType<z.ZodObject> = {
  type: 'checkpoint',
  summary: 'Keep the files as they are, to come back to them',
  schema,
  fields: {
    name: 'literal',
    paths: 'literal',
    exclude: 'literal',
    max_bytes: 'literal',
    max_files: 'literal',
    timeout: 'literal',
    capture: 'literal',
    restore: 'literal',
  },
  effects: 'none',

  checkpoint(config) {
    const { name, paths, exclude, max_bytes, max_files: filesMax, timeout } = schema.parse(config);
    const bytesMax = sizeBytes(max_bytes);
    const timeMs = durationMs(timeout);
    return {
      ...(name !== undefined && { name }),
      ...(paths && { paths }),
      ...(exclude && { exclude }),
      ...(bytesMax !== undefined && { bytesMax }),
      ...(filesMax !== undefined && { filesMax }),
      ...(timeMs !== undefined && { timeMs }),
    };
  },

  begin() {
    return ok({ kind: 'done', outcome: { ok: true } });
  },

  plan({ step }) {
    const { name = step.id, paths = [] } = schema.parse(step.config);
    const of = paths.length === 0 ? '' : ` of ${paths.map((path) => `\`${path}\``).join(', ')}`;
    return { does: `takes checkpoint \`${name}\`${of}` };
  },
};
