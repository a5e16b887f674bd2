/** Checkpoints, changed files and rollbacks as answers show them: one zod schema for each. */
import { z } from 'zod';
import { STRATEGIES } from '../engine/core/model.ts';

const count = z.int();
const changeKind = z.enum(['created', 'changed', 'deleted']);
const pathNote = z.object({ path: z.string(), reason: z.string() });
const change = z.object({ path: z.string(), kind: changeKind });

export const strategySchema = z.enum(STRATEGIES);
export const conflictPolicySchema = z.enum(['stop', 'keep', 'overwrite']);
export const confirmPolicySchema = z.enum(['never', 'destructive', 'always']);

export const undoKindSchema = z.enum(['steps', 'checkpoint', 'irreversible', 'none']);

export const checkpointSchema = z.object({
  id: z.string(),
  step: z.string().describe('the step it was taken before'),
  at: z.string(),
  files: count,
  bytes: count,
  why: z.enum(['asked', 'destructive', 'automatic', 'rescue']),
  captures: count.optional(),
  omitted: z.array(pathNote).optional().describe('what the snapshot does not hold; with include checkpoints'),
  omitted_count: count.optional(),
  notes: z.array(z.string()).optional(),
});

export const changesSchema = z.object({
  created: count,
  changed: count,
  deleted: count,
  shown: z.array(change),
  beside: z.array(z.string()).optional().describe('steps that ran at the same time: some may be theirs'),
  unknown: z.string().optional().describe('why the changes are not known'),
});

/** A page of all that one step has changed. */
export const changePageSchema = z.object({
  step: z.string(),
  total: count,
  offset: count,
  list: z.array(change),
});

const conflictsSchema = z.object({
  count,
  shown: z.array(z.object({ path: z.string(), found: changeKind })),
});

const plannedFilesSchema = z.object({
  create: count,
  change: count,
  delete: count,
  bytes: count,
  shown: z.array(
    z.object({ path: z.string(), action: z.enum(['create', 'change', 'delete']), bytes: count }),
  ),
  conflicts: conflictsSchema.optional(),
  lost: z.array(pathNote).optional().describe('cannot come back'),
  lost_count: count.optional(),
});

/** One line of what a rollback does. */
export const rollbackLineSchema = z.object({
  order: count,
  step: z.string(),
  kind: z.enum(['undo', 'files', 'nothing', 'irreversible', 'uncovered', 'restore']),
  reversible: z.boolean(),
  command: z.string().optional(),
  checkpoint: z.string().optional(),
  why: z.string().optional(),
  files: plannedFilesSchema.optional(),
});

const problemSchema = z.object({
  order: count,
  step: z.string().optional(),
  checkpoint: z.string().optional(),
  message: z.string(),
  command: z.string().optional(),
  log: z.string().optional().describe('resource of the whole log'),
  instruction: z.string().describe('what a person does about it'),
});

export const rollbackSchema = z.object({
  strategy: strategySchema,
  status: z.enum(['stopping', 'running', 'waiting', 'done', 'stuck']),
  by: z.string(),
  reason: z.string().optional(),
  checkpoint: z.string().optional(),
  items: z.object({ total: count, done: count, failed: count, left: count, open: count }),
  files: z.object({ created: count, changed: count, deleted: count, kept: count }).optional(),
  problems: z.array(problemSchema),
  differs: z.array(pathNote).optional().describe('paths that are not as the checkpoint has them'),
  differs_count: count.optional(),
  conflicts: conflictsSchema.optional(),
  left: z.array(z.object({ step: z.string(), why: z.string() })).describe('steps that stay as they are'),
  rescue: z.string().optional().describe('the files as they were before; `undo: true` brings them back'),
  files_back: z.boolean().optional().describe('the files are as they were before it, by `undo: true`'),
  instructions: z.string().optional().describe('resource: what a person does, as Markdown'),
});

export type RollbackLine = z.infer<typeof rollbackLineSchema>;
export type RollbackView = z.infer<typeof rollbackSchema>;
