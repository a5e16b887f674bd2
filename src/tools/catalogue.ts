/** Every tool, in the order clients list them. A test checks that each `*.tool.ts` file is here once. */
import { analyticsTool } from './analytics.tool.ts';
import { answerTool } from './answer.tool.ts';
import { autocompleteTool } from './autocomplete.tool.ts';
import { cancelTool } from './cancel.tool.ts';
import { createTool } from './create.tool.ts';
import { executeTool } from './execute.tool.ts';
import { historyTool } from './history.tool.ts';
import { listTool } from './list.tool.ts';
import { resumeTool } from './resume.tool.ts';
import { rollbackTool } from './rollback.tool.ts';
import { statusTool } from './status.tool.ts';
import { suggestTool } from './suggest.tool.ts';
import type { Tool } from './tool.ts';
import { validateTool } from './validate.tool.ts';

export const tools: readonly Tool[] = [
  listTool,
  suggestTool,
  autocompleteTool,
  validateTool,
  executeTool,
  statusTool,
  answerTool,
  cancelTool,
  resumeTool,
  rollbackTool,
  createTool,
  historyTool,
  analyticsTool,
] as readonly unknown[] as readonly Tool[];

export const tool = (name: string): Tool | undefined => tools.find((each) => each.name === name);
