/** What the tools of learning are told of the moment, and what they tell of what is known. */
import { z } from 'zod';

const COMMANDS_MAX = 200;
const COMMAND_CHARS_MAX = 4_096;
const FILES_MAX = 100;
const LIMIT = 5;

/** Oldest first. */
export const recentCommands = z
  .array(z.string().max(COMMAND_CHARS_MAX))
  .max(COMMANDS_MAX)
  .describe('shell commands that were run just before, the newest last');

export const contextField = z
  .strictObject({
    cwd: z.string().max(COMMAND_CHARS_MAX).optional().describe('directory of the next command'),
    branch: z.string().max(500).optional().describe('for an input that is a branch'),
    files: z
      .array(z.string().max(1_000))
      .max(FILES_MAX)
      .optional()
      .describe('files that matter now; a single one is for an input that is a file'),
    last_exit_code: z.int().optional().describe('of the newest of recent_commands'),
  })
  .describe('where the next command would run');

export const limitField = z.int().min(1).max(20).describe(`${LIMIT} unless said`);

export const LIMIT_USUAL = LIMIT;

export const learnedView = z
  .object({
    commands: z.int().describe('learned from so far'),
    behind: z.int().optional().describe('known, but not learned from yet; ask again in a while'),
  })
  .describe('what the answer rests on');
