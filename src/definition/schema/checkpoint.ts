/**
 * What a checkpoint covers and runs: the scope that workflow and steps share, and what a step adds to it.
 * Checks shapes only; what a scope must not be is in `check/check-checkpoints.ts`.
 */
import * as z from 'zod';
import type { SnapshotScope } from '../../engine/core/model.ts';
import { identifier, size, timeout } from './values.ts';

const scope = {
  paths: z
    .array(z.string().min(1))
    .optional()
    .describe('Files and folders, from the directory of the run; that directory unless said'),
  exclude: z.array(z.string().min(1)).optional().describe('What is left out; patterns as in .gitignore'),
  max_bytes: size
    .refine((bytes) => bytes > 0, { error: 'expected a size above zero' })
    .optional()
    .describe('What it may hold; 5GB unless said'),
  max_files: z.int().min(1).optional().describe('500,000 unless said'),
  timeout: timeout.optional().describe('Time to take it; 1m unless said'),
};

const scopeSchema = z.strictObject(scope);

function scopeOf(written: z.output<typeof scopeSchema>): SnapshotScope {
  const { paths, exclude, max_bytes: bytesMax, max_files: filesMax, timeout: timeMs } = written;
  return {
    ...(paths && { paths }),
    ...(exclude && { exclude }),
    ...(bytesMax !== undefined && { bytesMax }),
    ...(filesMax !== undefined && { filesMax }),
    ...(timeMs !== undefined && { timeMs }),
  };
}

/** The scope of all checkpoints of a workflow; false for no automatic ones. */
export const checkpoints = z.union([z.literal(false), scopeSchema.transform(scopeOf)]);

const command = z.string().min(1);
const commands = z.union([command, z.array(command).min(1)]);

/** A checkpoint before a step; false for not even an automatic one. */
export const checkpoint = z.union([
  z.boolean(),
  z
    .strictObject({
      name: identifier.optional().describe("Unique in the workflow; the step's id unless said"),
      ...scope,
      capture: commands.optional().describe('Commands whose output is kept with it'),
      restore: commands.optional().describe('Commands that get it back as input, one for each of `capture`'),
    })
    .transform(({ name, capture, restore, ...rest }) => ({
      spec: { ...(name !== undefined && { name }), ...scopeOf(rest) },
      capture,
      restore,
    })),
]);
