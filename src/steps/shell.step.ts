/**
 * `shell`: runs a script in a process of its own that outlives the host.
 * Owns the fields, the choice of shell, the environment that forbids prompts and the reading of the exit.
 * Does not spawn, quote or watch: `context.shell` makes references of `{{ }}`, the host runs the process.
 */
import * as z from 'zod';
import { err, type Failure, ok, type Result } from '../engine/core/failure.ts';
import { KILL_GRACE_MS, STEP_LOG_BYTES_MAX } from '../engine/core/limits.ts';
import type { Outcome, ProcessExit, ProcessSpec, StepContext, StepType } from '../engine/core/step-type.ts';
import { configParser } from './config-parser.ts';
import { durationField, durationMs } from './duration.ts';
import { exitFailure, killedFailure, shellMissing, stoppedFailure } from './messages.ts';
import { sizeBytes, sizeField } from './size.ts';
import { workingDirectory } from './working-directory.ts';

/** Shells whose strict form is known: a script ends at the first command that fails, or variable that is not there. */
const STRICT_SHELLS: { readonly [name: string]: readonly string[] } = {
  bash: ['bash', '-euo', 'pipefail', '-c'],
  zsh: ['zsh', '-euo', 'pipefail', '-c'],
  sh: ['sh', '-eu', '-c'],
  dash: ['dash', '-eu', '-c'],
};

/**
 * There is no terminal and nobody to answer: whatever would prompt, page or open an editor fails at once
 * instead of hanging. `env:` of the workflow or the step wins.
 */
const PROMPTS_DISABLED: { readonly [name: string]: string } = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_EDITOR: 'false',
  GIT_SEQUENCE_EDITOR: 'false',
  GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
  GIT_PAGER: 'cat',
  GCM_INTERACTIVE: 'never',
  SSH_ASKPASS_REQUIRE: 'never',
  EDITOR: 'false',
  VISUAL: 'false',
  PAGER: 'cat',
  DEBIAN_FRONTEND: 'noninteractive',
  PIP_NO_INPUT: '1',
};

const schema = z.strictObject({
  command: z.string().min(1).describe('The script; may have several lines'),
  cwd: z.string().min(1).optional().describe('Directory, from the directory of the run'),
  shell: z
    .union([
      z.string().regex(/^\S+$/, 'expected one program; give its arguments as a list: `[bash, -e, -c]`'),
      z.array(z.string().min(1)).min(1),
    ])
    .optional()
    .describe('bash, sh, zsh, dash, another program that takes `-c`, or a program with its arguments'),
  output_limit: sizeField.optional().describe('What the step may write to its log, 64MB unless said'),
  on_output_limit: z.enum(['fail', 'truncate']).optional().describe('At the limit: fail, or cut and go on'),
  kill_grace: durationField.optional().describe('Time between TERM and KILL, 5s unless said'),
});

type Config = Readonly<z.infer<typeof schema>>;
type WrittenShell = string | readonly string[] | undefined;

const fieldsOf = configParser(schema);

export const shellStep: StepType<z.ZodObject> = {
  type: 'shell',
  summary: 'Run a shell script',
  schema,
  fields: {
    command: 'shell',
    cwd: 'template',
    shell: 'literal',
    output_limit: 'literal',
    on_output_limit: 'literal',
    kill_grace: 'literal',
  },
  effects: 'workspace',

  begin(context) {
    const process = processSpec(context, fieldsOf(context.step.config));
    return process.ok ? ok({ kind: 'process', process: process.value }) : process;
  },

  exited(context, exit) {
    return outcomeOf(context, exit);
  },

  plan(context) {
    const config = fieldsOf(context.step.config);
    const command = context.renderText(config.command);
    const cwd = context.renderText(config.cwd ?? '.');
    const unknown = [command, cwd].find((text) => !text.ok);
    return {
      does: 'runs a script',
      // For reading only: what runs holds references in place of these values.
      command: command.ok ? command.value : config.command,
      cwd: cwd.ok ? cwd.value : (config.cwd as string),
      ...(unknown?.ok === false ? { unknown: unknown.error.message } : {}),
    };
  },
};

function processSpec(context: StepContext, config: Config): Result<ProcessSpec, Failure> {
  const shell = shellOf(context, config.shell);
  const [program = ''] = shell;
  if (context.which(program) === undefined) return err(shellMissing(program));
  const cwd = workingDirectory(context, config.cwd);
  if (!cwd.ok) return cwd;
  const script = context.shell(config.command);
  if (!script.ok) return script;
  const environment = context.environment();
  if (!environment.ok) return environment;
  return ok({
    shell,
    script: script.value.script,
    env: { ...PROMPTS_DISABLED, ...environment.value, ...script.value.env },
    cwd: cwd.value,
    separate: context.step.reads,
    logBytesMax: logBytesMax(config),
    onLogLimit: config.on_output_limit ?? 'fail',
    killGraceMs: durationMs(config.kill_grace) ?? KILL_GRACE_MS,
    ...(context.step.timeoutMs !== undefined && { timeoutMs: context.step.timeoutMs }),
  });
}

function shellOf(context: StepContext, written: WrittenShell): readonly string[] {
  if (typeof written === 'object') return written;
  const name = written ?? (context.which('bash') === undefined ? 'sh' : 'bash');
  return Object.hasOwn(STRICT_SHELLS, name) ? (STRICT_SHELLS[name] as readonly string[]) : [name, '-c'];
}

function outcomeOf(context: StepContext, exit: ProcessExit): Outcome {
  const limit = logBytesMax(fieldsOf(context.step.config));
  const streams = {
    ...(exit.code === undefined ? {} : { exitCode: exit.code }),
    ...Object.fromEntries(context.step.reads.map((stream) => [stream, exit[stream]])),
  };
  if (exit.stopped) {
    const limits = { timeoutMs: context.step.timeoutMs, logBytesMax: limit };
    return { ok: false, failure: stoppedFailure(exit.stopped, limits), ...streams };
  }
  if (exit.code !== 0) {
    const failure = exit.code === undefined ? killedFailure(exit.signal) : exitFailure(exit.code);
    return { ok: false, failure, ...streams };
  }
  const warnings = exit.truncated ? { warnings: [`log cut at ${limit} bytes`] } : {};
  return { ok: true, ...streams, ...warnings };
}

const logBytesMax = (config: Config): number => sizeBytes(config.output_limit) ?? STEP_LOG_BYTES_MAX;
