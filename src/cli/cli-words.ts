/**
 * Tool calls in the words of the command line: the tools word their hints for agents, people type commands.
 * Only for text that people read; `--json` keeps the tool's words.
 */
import type { ToolError } from '../tools/tool.ts';

type NextCall = NonNullable<ToolError['next']>[number];

const COMMANDS: { readonly [tool: string]: string } = { workflow_execute: 'run' };

const commandOf = (tool: string): string => COMMANDS[tool] ?? tool.replace(/^workflow_/, '');

/** `workflow_status shows its log` -> `belay status shows its log`. */
export const inCliWords = (text: string): string =>
  text.replace(/\bworkflow_[a-z]+\b/g, (tool) => `belay ${commandOf(tool)}`);

/** The call as a command line. */
export function commandLineOf(call: NextCall): string {
  const { run_id, question_id, wait_seconds, include, workflow, from_step } = call.arguments;
  const words = [run_id, question_id, workflow].filter((word) => word !== undefined).map(String);
  const wantsLog = Array.isArray(include) && include.includes('log');
  const command = call.tool === 'workflow_status' && wantsLog ? 'logs' : commandOf(call.tool);
  const from = from_step === undefined ? [] : ['--from', String(from_step)];
  const flags = wait_seconds === undefined ? from : [...from, '--watch'];
  return ['belay', command, ...words, ...flags].join(' ');
}
