/** The arguments of workflow_create: one source, and where it goes. */
import { z } from 'zod';

const COMMANDS_MAX = 100;
const COMMAND_CHARS_MAX = 16_384;

/** What `workflow_create` takes. */
export const createInput = z.strictObject({
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

export type CreateInput = z.output<typeof createInput>;
