/** Every command, in the order of the help. A test checks that each `*.command.ts` file is here once. */
import type { AddCommand } from '../command.ts';
import { answerCommand } from './answer.command.ts';
import { cancelCommand } from './cancel.command.ts';
import { completeCommand } from './complete.command.ts';
import { completionCommand } from './completion.command.ts';
import { doctorCommand } from './doctor.command.ts';
import { historyCommand } from './history.command.ts';
import { hostCommand } from './host.command.ts';
import { listCommand } from './list.command.ts';
import { logsCommand } from './logs.command.ts';
import { mcpCommand } from './mcp.command.ts';
import { resumeCommand } from './resume.command.ts';
import { runCommand } from './run.command.ts';
import { schemaCommand } from './schema.command.ts';
import { showCommand } from './show.command.ts';
import { statusCommand } from './status.command.ts';
import { validateCommand } from './validate.command.ts';

export const commands: readonly AddCommand[] = [
  mcpCommand,
  runCommand,
  validateCommand,
  listCommand,
  showCommand,
  statusCommand,
  logsCommand,
  answerCommand,
  cancelCommand,
  resumeCommand,
  historyCommand,
  doctorCommand,
  schemaCommand,
  completionCommand,
  hostCommand,
  completeCommand,
];
