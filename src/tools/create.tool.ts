/**
 * workflow_create: saves a workflow: one that is given, or one made of a run, of commands or of a pattern that was found.
 * The work itself is in `create/`, loaded with the first call.
 */
import { z } from 'zod';
import { diagnosticSchema } from './diagnostic-schema.ts';
import type { Tool } from './tool.ts';

const COMMANDS_MAX = 100;
const COMMAND_CHARS_MAX = 16_384;

const input = z.strictObject({
  definition: z
    .union([z.string(), z.record(z.string(), z.json())])
    .optional()
    .describe('YAML or JSON text, or an object'),
  from_run: z.string().optional().describe('run id: the steps that succeeded, with their templates'),
  from_commands: z
    .array(z.string().min(1).max(COMMAND_CHARS_MAX))
    .min(1)
    .max(COMMANDS_MAX)
    .optional()
    .describe('shell commands in order; values that several share become inputs'),
  from_pattern: z.string().optional().describe('`pattern` of a new_workflow that workflow_suggest has shown'),
  name: z.string().optional().describe('kebab-case; that of the definition unless said'),
  scope: z
    .enum(['project', 'user'])
    .optional()
    .describe(
      'project: .belay/workflows of the project (unless said); user: the data folder, for all projects',
    ),
  overwrite: z
    .boolean()
    .optional()
    .describe('take the place of a workflow of that name; a person is asked first where one can be'),
});

export type CreateInput = z.output<typeof input>;

export const createTool: Tool<typeof input> = {
  name: 'workflow_create',
  title: 'Save a workflow',
  description:
    'Saves a workflow as a YAML file: a definition, the steps of a run that went well, a list of commands, or a pattern ' +
    'that workflow_suggest has found. It is checked first. Secrets are never written: they become variables that the ' +
    'workflow asks for. A file that is there already keeps its comments, and is changed only after a person has agreed or ' +
    'with overwrite where nobody can be asked.',
  input,
  output: z.object({
    workflow: z.string(),
    path: z.string(),
    scope: z.enum(['project', 'user']),
    status: z.enum(['created', 'updated', 'unchanged']),
    definition: z.string().describe('as it was written; the beginning of a long one'),
    diagnostics: z.array(diagnosticSchema),
    secrets: z.array(z.string()).describe('variables that stand for secrets that were taken out'),
    left_out: z.array(z.string()).describe('steps of the run that did not succeed'),
    notes: z.array(z.string()),
    next: z.array(z.object({ tool: z.string(), arguments: z.record(z.string(), z.json()), why: z.string() })),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },

  async run(context, args) {
    const { createWorkflow } = await import('./create/create-workflow.ts');
    return createWorkflow(context, args);
  },

  async resume(context, args, state, responses) {
    const { isConfirmed } = await import('./confirm-rollback.ts');
    const { createWorkflow, keptAsItWas } = await import('./create/create-workflow.ts');
    return isConfirmed(responses) ? createWorkflow(context, args, String(state.change)) : keptAsItWas();
  },
};
