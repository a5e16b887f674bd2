/** One suggestion, as every face shows it. */
import { z } from 'zod';

export const suggestionSchema = z.object({
  kind: z.enum(['workflow', 'command', 'new_workflow']),
  workflow: z.string().optional(),
  command: z.string().optional(),
  definition: z.string().optional().describe('of a new workflow, YAML'),
  pattern: z.string().optional().describe('of a new workflow: `from_pattern` of workflow_create saves it'),
  confidence: z.number().min(0).max(1).describe('the chance that this is what is wanted'),
  reasons: z.array(z.string()),
  inputs: z.record(z.string(), z.json()).describe('of a workflow: values that the intent names'),
  missing_inputs: z
    .array(z.string())
    .describe('required inputs that it does not name, and those that cannot be as it says'),
});

export type SuggestionView = z.output<typeof suggestionSchema>;
