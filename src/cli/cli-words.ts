/**
 * Tool calls in the words of the command line: the tools word their hints for agents, people type commands.
 * Only for text that people read; `--json` keeps the tool's words.
 */
import type { JsonObject } from '../engine/core/model.ts';
import type { ToolError } from '../tools/tool.ts';

type NextCall = NonNullable<ToolError['next']>[number];

const COMMANDS: { readonly [tool: string]: string } = { workflow_execute: 'run' };

const commandOf = (tool: string): string => COMMANDS[tool] ?? tool.replace(/^workflow_/, '');

/** Arguments that hints name, and the options that stand for them. */
const OPTIONS: readonly (readonly [argument: RegExp, option: string])[] = [
  [/\bon_conflict: (keep|overwrite)\b/g, '--on-conflict $1'],
  [/\bundo: true\b/g, '--undo'],
  [/\bdry_run: true\b/g, '--dry-run'],
  [/\b(claim|renew): true\b/g, '--$1'],
  [/\boverwrite: true\b/g, '--overwrite'],
  [/\banother `name`/g, 'another `--name`'],
  [/`capabilities`/g, '`--capability`'],
  [/\bas `name`/g, 'as `--name`'],
  [/\btake the other `scope`/g, 'write with or without `--user`'],
  [/`scope(?:: user)?`/g, '`--user`'],
  [/`since` must/g, '`--since` must'],
  // of all that the call takes the command line has a part, under its own names
  [/`belay (\w+)` takes .*/g, 'belay $1 --help shows what it takes'],
];

/** Arguments that are wrong, where the option is not called as they are. */
const RENAMED: { readonly [argument: string]: string } = {
  recent_commands: '--after',
  'context.last_exit_code': '--exit-code',
  checkpoint: '--to',
};
/** The same for those that are. */
const OPTIONAL: ReadonlySet<string> = new Set(
  'limit since name strategy from_run from_commands from_pattern'.split(' '),
);
const ARGUMENT = /\bargument `([a-z_.]+)(?:\[\d+\])?`/g;

function optionOf(told: string, argument: string): string {
  const renamed = Object.hasOwn(RENAMED, argument) ? RENAMED[argument] : undefined;
  if (renamed !== undefined) return `option \`${renamed}\``;
  return OPTIONAL.has(argument) ? `option \`--${argument.replaceAll('_', '-')}\`` : told;
}

/** `workflow_status shows its log` -> `belay status shows its log`. */
export function inCliWords(text: string): string {
  const named = text.replace(/\bworkflow_[a-z]+\b/g, (tool) => `belay ${commandOf(tool)}`);
  const worded = OPTIONS.reduce((told, [argument, option]) => told.replace(argument, option), named);
  return worded.replace(ARGUMENT, optionOf);
}

function rollbackLine({ run_id, strategy, checkpoint, on_conflict, dry_run, undo }: JsonObject): string {
  const valued = { '--strategy': strategy, '--to': checkpoint, '--on-conflict': on_conflict };
  const flags = Object.entries(valued).flatMap(([flag, value]) =>
    value === undefined ? [] : [flag, String(value)],
  );
  if (dry_run === true) flags.push('--dry-run');
  if (undo === true) flags.push('--undo');
  return ['belay rollback', String(run_id), ...flags].join(' ');
}

/** The call as a command line. */
export function commandLineOf(call: NextCall): string {
  const { run_id, question_id, wait_seconds, include, workflow, from_step, signal } = call.arguments;
  if (call.tool === 'workflow_rollback') return rollbackLine(call.arguments);
  const words = [run_id, question_id, workflow].filter((word) => word !== undefined).map(String);
  const wantsLog = Array.isArray(include) && include.includes('log');
  const command = call.tool === 'workflow_status' && wantsLog ? 'logs' : commandOf(call.tool);
  const from = from_step === undefined ? [] : ['--from', String(from_step)];
  const signalled = signal === undefined ? [] : ['--signal', String(signal)];
  const flags = [...from, ...signalled, ...(wait_seconds === undefined ? [] : ['--watch'])];
  return ['belay', command, ...words, ...flags].join(' ');
}
