/**
 * One ssh call as data: what a step's fields become when their expressions have values. Made anew for each attempt and
 * never journaled, because it holds secrets. Does not touch the network or the disk.
 */
import { createHash } from 'node:crypto';
import { posix, resolve } from 'node:path';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import {
  SSH_KILL_GRACE_MS,
  SSH_PROGRAM_BYTES_MAX,
  SSH_TRANSFER_BYTES_MAX,
  STEP_LOG_BYTES_MAX,
} from '../../engine/core/limits.ts';
import type { StepContext } from '../../engine/core/step-type.ts';
import { durationMs } from '../duration.ts';
import { sizeBytes } from '../size.ts';
import type { SshFields } from './ssh-fields.ts';
import { requestInvalid } from './ssh-messages.ts';
import { type SshTarget, targetOf, textOf, USER } from './ssh-target.ts';

/** Types, not interfaces, so that they count as JSON. */
export type SshCommand = {
  readonly script: string;
  readonly env: { readonly [name: string]: string };
  readonly shell?: 'bash' | 'sh' | 'dash' | 'zsh';
  readonly cwd?: string;
  /** Who it runs as, when it is somebody else. */
  readonly sudo?: string;
  readonly logBytesMax: number;
  readonly onLogLimit: 'fail' | 'truncate';
  readonly killGraceMs: number;
  readonly reads: readonly ('stdout' | 'stderr')[];
  /** Of its folder there, when it is detached. */
  readonly detach?: string;
  /** An earlier host may have started it already. */
  readonly isBegun: boolean;
  readonly repeatable: boolean;
};

export type SshTransfer = { readonly here: string; readonly there: string };

export type SshTransfers = {
  readonly upload: readonly SshTransfer[];
  readonly download: readonly SshTransfer[];
  /** What they stay inside of; absent: they may go anywhere. */
  readonly workspace?: string;
  readonly bytesMax: number;
};

export type SshCall = {
  readonly target: SshTarget;
  readonly command?: SshCommand;
  readonly transfers: SshTransfers;
  /** An earlier host has moved the files already. */
  readonly isUploaded: boolean;
  readonly repeatable: boolean;
};

/** Notes of a call, for the host that makes it again. */
export const UPLOADED = 'uploaded';
export const BEGUN = 'begun';

/** Failure `request_invalid`, or what an expression says. */
export function sshCall(context: StepContext, fields: SshFields): Result<SshCall, Failure> {
  const target = targetOf(context, fields);
  if (!target.ok) return target;
  const cwd = textOf(context, 'cwd', fields.cwd);
  if (!cwd.ok) return cwd;
  const command = commandOf(context, fields, cwd.value);
  if (!command.ok) return command;
  const transfers = transfersOf(context, fields, cwd.value);
  if (!transfers.ok) return transfers;
  return ok({
    target: target.value,
    ...(command.value && { command: command.value }),
    transfers: transfers.value,
    isUploaded: context.notes.includes(UPLOADED),
    // files that are moved twice are the same files; a detached command is found again
    repeatable: command.value?.repeatable !== false || command.value.detach !== undefined,
  });
}

function commandOf(
  context: StepContext,
  fields: SshFields,
  cwd: string | undefined,
): Result<SshCommand | undefined, Failure> {
  if (fields.command === undefined) return ok(undefined);
  const script = context.shell(fields.command);
  if (!script.ok) return script;
  const env: { [name: string]: string } = {};
  for (const [name, template] of Object.entries(context.step.env)) {
    const value = context.renderText(template);
    if (!value.ok) return value;
    env[name] = value.value;
  }
  Object.assign(env, script.value.env);
  const problem = variablesProblem(env, script.value.script);
  if (problem) return err(problem);
  const sudo = sudoOf(context, fields.sudo);
  if (!sudo.ok) return sudo;
  return ok({
    script: script.value.script,
    env,
    ...(fields.shell !== undefined && { shell: fields.shell }),
    ...(cwd !== undefined && { cwd }),
    ...(sudo.value !== undefined && { sudo: sudo.value }),
    logBytesMax: sizeBytes(fields.output_limit) ?? STEP_LOG_BYTES_MAX,
    onLogLimit: fields.on_output_limit ?? 'fail',
    killGraceMs: durationMs(fields.kill_grace) ?? SSH_KILL_GRACE_MS,
    reads: context.step.reads,
    ...(fields.detach && { detach: folderName(context.performance) }),
    isBegun: context.notes.includes(BEGUN),
    repeatable: context.step.idempotent,
  });
}

function variablesProblem(env: SshCommand['env'], script: string): Failure | undefined {
  const nul = Object.entries(env).find(([, value]) => value.includes('\0'));
  if (nul) {
    const message = `the variable \`${nul[0]}\` holds a NUL character, which no command can be given`;
    return { code: 'nul_byte', retry: 'final', message, hint: 'upload it as a file instead' };
  }
  const bytes = Object.values(env).reduce((sum, value) => sum + Buffer.byteLength(value), script.length);
  if (bytes <= SSH_PROGRAM_BYTES_MAX) return undefined;
  return {
    code: 'value_too_large',
    retry: 'final',
    message: `the command and its values have ${bytes} bytes, more than the ${SSH_PROGRAM_BYTES_MAX} that a command can be given`,
    hint: 'upload them as a file instead',
  };
}

function sudoOf(context: StepContext, written: SshFields['sudo']): Result<string | undefined, Failure> {
  if (written === undefined || written === false) return ok(undefined);
  if (written === true) return ok('root');
  const user = context.renderText(written);
  if (!user.ok) return user;
  return USER.test(user.value)
    ? user
    : err(requestInvalid(`\`sudo\`: \`${user.value}\` is no name of a user`));
}

/** A performance is safe in a file name, but may be longer than one. */
const folderName = (performance: string): string =>
  /^[\w.-]{1,120}$/.test(performance)
    ? performance
    : createHash('sha256').update(performance).digest('hex').slice(0, 40);

function transfersOf(
  context: StepContext,
  fields: SshFields,
  cwd: string | undefined,
): Result<SshTransfers, Failure> {
  const moved: { upload: SshTransfer[]; download: SshTransfer[] } = { upload: [], download: [] };
  for (const direction of ['upload', 'download'] as const) {
    for (const { from, to } of fields[direction] ?? []) {
      const [first, second] = [textOf(context, direction, from), textOf(context, direction, to)];
      if (!first.ok) return first;
      if (!second.ok) return second;
      const pair = [first.value as string, second.value as string] as const;
      const [here, there] = direction === 'upload' ? pair : [pair[1], pair[0]];
      moved[direction].push({ here: localFile(context.cwd, here), there: remoteFile(cwd, there) });
    }
  }
  return ok({
    ...moved,
    ...(!fields.allow_outside && { workspace: context.cwd }),
    bytesMax: sizeBytes(fields.max_bytes) ?? SSH_TRANSFER_BYTES_MAX,
  });
}

/** Absolute; a slash at the end stays, for it names a folder to put the file into. */
const localFile = (cwd: string, path: string): string =>
  resolve(cwd, path) + (path.endsWith('/') && resolve(cwd, path) !== '/' ? '/' : '');

/** sftp begins where the login does and knows no `~`. */
function remoteFile(cwd: string | undefined, path: string): string {
  const atHome = (text: string) => text.replace(/^~(?:\/+|$)/, '') || '.';
  return /^[~/]/.test(path) || cwd === undefined ? atHome(path) : posix.join(atHome(cwd), path);
}
