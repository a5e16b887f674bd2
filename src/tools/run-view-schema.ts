/** The run view of the public surface, as one zod schema that every tool about a run answers with. */
import { z } from 'zod';
import {
  changePageSchema,
  changesSchema,
  checkpointSchema,
  rollbackSchema,
  undoKindSchema,
} from './rollback-schema.ts';

const json = z.json();
const jsonObject = z.record(z.string(), json);

const failure = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  data: jsonObject.optional(),
});

const step = z.object({
  id: z.string().describe('step id; iterations carry their index, `build[3]`'),
  type: z.string(),
  status: z.enum([
    'pending',
    'running',
    'waiting',
    'succeeded',
    'failed',
    'soft_failed',
    'skipped',
    'cached',
    'interrupted',
    'cancelled',
    'undone',
    'undo_failed',
  ]),
  attempts: z.int(),
  exit_code: z.int().optional(),
  duration_ms: z.number().optional(),
  error: failure.optional(),
  reason: z.string().optional(),
  outputs: jsonObject.optional(),
  log: z.string().optional().describe('tail of the combined log, when asked for or when the step failed'),
  iterations: z
    .object({ total: z.int() })
    .catchall(z.int())
    .optional()
    .describe('of a loop: how many in all, and how many in each status'),
  cached: z.boolean().optional().describe('it was not performed: an earlier result stands for it'),
  cached_from: z.object({ run_id: z.string(), step: z.string() }).optional().describe('whose result that is'),
  changes: changesSchema.optional().describe('files that changed while it ran'),
  undo: undoKindSchema
    .optional()
    .describe('how it would be taken back: undo steps, a checkpoint, not at all (irreversible, none)'),
  retry_at: z.string().optional(),
  wakes_at: z.string().optional(),
  signal: z.string().optional().describe('name of the signal that it waits for'),
  run_id: z.string().optional().describe('the run that does its work'),
});

const question = z.object({
  run_id: z.string().optional().describe('of a run inside this one: answer it there'),
  question_id: z.string(),
  kind: z.enum(['approval', 'input', 'agent']),
  step: z.string(),
  workflow: z.string().optional().describe('where questions of several runs are listed'),
  prompt: z.string(),
  context: z.string().optional().describe('what the answer is about: a diff, a log, a plan'),
  schema: jsonObject,
  digest: z.string().describe('sha256 of prompt, context and schema: what an answer is bound to'),
  asked_of: z.enum(['human', 'agent']),
  asked_at: z.string(),
  for_you: z.boolean().optional().describe('whether the one who has asked for this may answer it'),
  by: z.array(z.string()).optional().describe('who may answer; with roles either is enough'),
  roles: z.array(z.string()).optional(),
  not_requester: z.boolean().optional().describe('whoever created the run may not answer'),
  capabilities: z
    .array(z.string())
    .optional()
    .describe('what an agent must be able to do that claims it; nobody answers it unclaimed'),
  approvals: z
    .object({ needed: z.int(), given: z.array(z.string()) })
    .optional()
    .describe('different people who have to approve, and those who have'),
  expires_at: z.string().optional(),
  claimed_by: z.string().optional().describe('works on it; nobody else may answer until claimed_until'),
  claimed_until: z.string().optional(),
  how_to_answer: z.string(),
});

export const artifactSchema = z.object({
  name: z.string(),
  uri: z
    .string()
    .describe('resource that holds it; `belay artifacts get` copies one that is too large for that'),
  size: z.int(),
  sha256: z.string(),
  media_type: z.string(),
  path: z.string().describe('where the step had it'),
  step: z.string().optional().describe('absent: an output of the run as a whole'),
  tags: z.array(z.string()).optional(),
  files: z.int().optional().describe('of a folder, which is stored as tar'),
});

const nextCall = z.object({ tool: z.string(), arguments: jsonObject, why: z.string() });

const plannedStep = z.object({
  order: z.int(),
  step: z.string(),
  type: z.string(),
  does: z.string(),
  command: z.string().optional(),
  cwd: z.string().optional(),
  touches: z.enum(['none', 'workspace', 'remote']),
  needs: z.array(z.string()),
  unknown: z.string().optional().describe('what cannot be known before the run'),
  checkpoint: z.string().optional().describe('taken before it'),
  undo: undoKindSchema.optional().describe('how it would be taken back'),
  undo_command: z.string().optional(),
  irreversible: z.string().optional().describe('why it cannot be taken back'),
});

export const runViewSchema = z.object({
  run_id: z.string(),
  workflow: z.string(),
  version: z.string(),
  status: z.enum([
    'queued',
    'running',
    'waiting',
    'paused',
    'rolling_back',
    'succeeded',
    'partial',
    'failed',
    'cancelled',
    'rolled_back',
    'stuck',
  ]),
  reason: z.string().optional(),
  created_at: z.string(),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  duration_ms: z.number(),
  parent: z
    .object({ run_id: z.string(), step: z.string() })
    .optional()
    .describe('the step that started this run; when it is stopped, so is the run'),
  group: z.string().optional().describe('its concurrency group: runs of one group go one after the other'),
  priority: z.int().optional().describe('absent: 0; higher goes first where runs wait for one another'),
  times_out_at: z.string().optional().describe('when the whole run is out of time'),
  cwd: z.string(),
  inputs: jsonObject,
  progress: z.object({ done: z.int(), total: z.int() }),
  steps: z.array(step),
  questions: z.array(question),
  inner_runs: z
    .array(
      z.object({
        run_id: z.string(),
        step: z.string(),
        workflow: z.string(),
        status: z.string(),
        reason: z.string().optional(),
      }),
    )
    .optional()
    .describe('unfinished runs that do the work of its steps'),
  checkpoints: z.array(checkpointSchema),
  outputs: jsonObject,
  artifacts: z.array(artifactSchema),
  rollback: rollbackSchema.optional().describe('while the run is taken back, and after'),
  warnings: z.array(z.string()),
  next: z.array(nextCall),
  existing: z.boolean().optional().describe('true when an idempotency key gave back an earlier run'),
  dry_run: z.boolean().optional(),
  plan: z.array(plannedStep).optional(),
  events: z.array(jsonObject).optional(),
  changes: changePageSchema.optional(),
});

export type RunView = z.infer<typeof runViewSchema>;
export type StepView = z.infer<typeof step>;
export type PlannedStep = z.infer<typeof plannedStep>;
