/** The report of a run: one document that tells all of it, as one zod schema. `belay schema report` prints it. */
import { z } from 'zod';
import { changesSchema, checkpointSchema, rollbackSchema, undoKindSchema } from './rollback-schema.ts';
import { artifactSchema, runViewSchema } from './run-view-schema.ts';

const count = z.int();
const time = z.iso.datetime();
const jsonObject = z.record(z.string(), z.json());
const view = runViewSchema.shape;

const step = z.object({
  id: z.string().describe('step id; iterations carry their index, `build[3]`'),
  type: z.string(),
  status: view.steps.element.shape.status,
  attempts: count,
  exit_code: count.optional(),
  duration_ms: z.number().optional(),
  error: view.steps.element.shape.error,
  reason: z.string().optional().describe('why it was skipped'),
  outputs: jsonObject.optional(),
  undo: undoKindSchema.optional(),
  log: z.string().optional().describe('the end of its log; of steps that failed'),
});

const question = z.object({
  question_id: z.string(),
  step: z.string(),
  kind: z.enum(['approval', 'input', 'agent']),
  prompt: z.string(),
  asked_of: z.enum(['human', 'agent']),
  asked_at: time,
  expires_at: time.optional(),
  status: z.enum(['open', 'answered', 'expired', 'withdrawn']),
  answer: z.json().optional(),
  answered_by: z.string().optional(),
  answered_at: time.optional(),
  via: z.enum(['form', 'terminal', 'tool']).optional().describe('the way the answer came'),
});

const given = z.object({
  input: z.string(),
  reference: z.string().describe('as it was written, `artifact:build/bundle@latest`'),
  run_id: z.string(),
  name: z.string(),
  sha256: z.string(),
  size: count,
});

const act = z.object({
  at: time,
  did: z.enum(['created', 'asked_to_pause', 'resumed', 'asked_to_cancel', 'asked_to_roll_back']),
  by: z.string(),
  about: z.string().optional(),
});

export const reportSchema = z.object({
  report: z.literal(1).describe('version of this document'),
  run_id: z.string(),
  workflow: z.string(),
  version: z.string(),
  digest: z.string().describe('sha256 of the definition that was run'),
  source: z.string(),
  status: view.status,
  final: z.boolean().describe('false: the run has not finished, and the report tells how far it is'),
  reason: z.string().optional(),
  intent: z.string().optional(),
  created_by: z.string(),
  created_at: time,
  started_at: time.optional(),
  finished_at: time.optional(),
  reported_at: time,
  duration_ms: z.number(),
  cwd: z.string(),
  parent: view.parent,
  progress: z.object({ done: count, total: count }),
  inputs: jsonObject,
  given: z.array(given).describe('inputs that are artifacts of other runs'),
  outputs: jsonObject,
  artifacts: z.array(artifactSchema),
  steps: z.array(step),
  changes: z
    .object({
      created: count,
      changed: count,
      deleted: count,
      steps: z.array(z.object({ step: z.string(), ...changesSchema.shape })),
    })
    .describe('what steps have changed on disk, where checkpoints follow the files; before any rollback'),
  questions: z.array(question),
  checkpoints: z.array(checkpointSchema),
  rollback: rollbackSchema.optional(),
  acts: z.array(act).describe('what people and agents have asked of the run'),
  warnings: z.array(z.string()),
});

/** What programs that read reports rely on. */
export const reportJsonSchema = () => z.toJSONSchema(reportSchema, { io: 'output' });

export type Report = z.infer<typeof reportSchema>;
