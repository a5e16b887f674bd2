/** workflow_autocomplete: how a command line goes on, after what was run just before. */
import { z } from 'zod';
import { done } from './answers.ts';
import {
  contextField,
  LIMIT_USUAL,
  learnedView,
  limitField,
  recentCommands,
} from './learning/learning-input.ts';
import type { Tool } from './tool.ts';

const PREFIX_CHARS_MAX = 1_000;

const input = z.strictObject({
  recent_commands: recentCommands,
  prefix: z.string().max(PREFIX_CHARS_MAX).optional().describe('what is typed of the command so far'),
  context: contextField.pick({ cwd: true, last_exit_code: true }).optional(),
  limit: limitField.optional(),
});

const output = z.object({
  completions: z.array(
    z.object({
      command: z.string(),
      confidence: z.number().min(0).max(1).describe('the chance that this is the whole command'),
      reasons: z.array(z.string()),
    }),
  ),
  learned: learnedView,
});

export const autocompleteTool: Tool<typeof input> = {
  name: 'workflow_autocomplete',
  title: 'Complete a command',
  description:
    'Completes a command line that has begun with `prefix`, or proposes the whole next one, from what was run after such ' +
    'commands before.',
  input,
  output,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },

  async run({ belay, cwd }, { recent_commands: recent, prefix, context = {}, limit = LIMIT_USUAL }) {
    // loaded with the first question: most sessions ask none
    const { completionsOf } = await import('./learning/completions.ts');
    const { cwd: place = cwd, last_exit_code: lastExitCode } = context;
    const { completions, learned } = await completionsOf(belay, {
      recent,
      prefix,
      cwd: place,
      lastExitCode,
      limit,
    });
    const lines = completions.map(
      ({ command, confidence }) => `${Math.round(confidence * 100)} % ${command}`,
    );
    const text = lines.length > 0 ? lines.join('\n') : 'nothing is likely enough to be proposed';
    return done({ completions, learned } as never, text);
  },
};
