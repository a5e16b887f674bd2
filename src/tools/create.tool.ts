/**
 * workflow_create: saves a workflow: one that is given, or one made of a run, of commands or of a pattern that was found.
 * The work itself is in `create/`, loaded with the first call.
 */
import { z } from 'zod';
import { createInput } from './create/create-input.ts';
import { diagnosticSchema } from './diagnostic-schema.ts';
import type { Tool } from './tool.ts';

export const createTool: Tool<typeof createInput> = {
  name: 'workflow_create',
  title: 'Save a workflow',
  description:
    'Saves a workflow as a YAML file: a definition, the steps of a run that went well, a list of commands, or a pattern ' +
    'that workflow_suggest has found. It is checked first. Secrets are never written: they become variables that the ' +
    'workflow asks for. A file that is there already keeps its comments, and is changed only after a person has agreed or ' +
    'with overwrite where nobody can be asked.',
  input: createInput,
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
