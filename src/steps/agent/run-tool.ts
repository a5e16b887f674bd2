/**
 * `run`: a program in the workspace, as a list of words. Owns which programs a step lets a model run, and what the model
 * is told of their end; the process itself is in `run-program.ts`.
 */
import * as z from 'zod';
import { AGENT_PROGRAM_MS_MAX, AGENT_RESULT_BYTES_MAX } from '../../engine/core/limits.ts';
import { cut } from './file-tools.ts';
import type { ToolResult } from './model.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import { type AgentTool, type Profile, refusal } from './toolbox.ts';

const runArguments = z.strictObject({
  argv: z.array(z.string()).min(1).max(200).describe('The program and its arguments; there is no shell'),
  seconds: z
    .int()
    .min(1)
    .max(AGENT_PROGRAM_MS_MAX / 1_000)
    .optional()
    .describe(`When it is ended; ${AGENT_PROGRAM_MS_MAX / 1_000} unless said`),
});

export interface RunTerms {
  readonly workspace: string;
  readonly env: { readonly [name: string]: string };
  readonly profile: Profile;
  /** Beginnings of command lines, as words. */
  readonly allowed: readonly (readonly string[])[];
}

export function runTool({ workspace, env, profile, allowed }: RunTerms): AgentTool<typeof runArguments> {
  const shown = allowed.map((words) => words.join(' ')).join(', ') || 'none';
  const isAllowed = (argv: readonly string[]) =>
    profile === 'privileged' || allowed.some((words) => words.every((word, at) => argv[at] === word));
  return {
    name: 'run',
    description: `Run a program in the workspace.${profile === 'privileged' ? '' : ` Allowed: ${shown}.`}`,
    arguments: runArguments,
    isRepeatable: false,
    async use({ argv, seconds }, signal) {
      if (!isAllowed(argv))
        return refusal(
          `the security profile ${profile} allows these commands: ${shown}; found ${argv.join(' ')}`,
        );
      if (argv.some((word) => word.includes('\0'))) return refusal('an argument holds a NUL character');
      const timeoutMs = seconds === undefined ? AGENT_PROGRAM_MS_MAX : seconds * 1_000;
      const spec = { argv, cwd: workspace, env, bytesMax: AGENT_RESULT_BYTES_MAX, timeoutMs };
      try {
        return told(await runProgram(spec, signal), timeoutMs);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (signal.aborted || code === undefined) throw error;
        return { text: `${argv[0]} cannot be started: ${code}`, isError: true };
      }
    },
  };
}

function told(end: ProgramEnd, timeoutMs: number): ToolResult {
  const how = end.timedOut
    ? `ended after ${timeoutMs / 1_000} s`
    : end.code === undefined
      ? `killed by ${end.signal}`
      : `exit code ${end.code}`;
  const streams = [end.stdout && `stdout:\n${end.stdout}`, end.stderr && `stderr:\n${end.stderr}`];
  const text = [how, ...streams.filter((one) => one !== ''), ...(end.isCut ? ['… cut'] : [])].join('\n');
  return { text: cut(text, 'let the program print less'), isError: end.code !== 0 };
}
