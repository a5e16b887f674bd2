/**
 * What a step makes of the end of its command there: success, or a failure by what the program said, its exit code or
 * its signal. Owns no words.
 */
import type { Failure } from '../../engine/core/failure.ts';
import type { Outcome } from '../../engine/core/step-type.ts';
import { exitFailure, killedFailure, stoppedFailure } from '../messages.ts';
import type { RemoteOutput } from './remote-output.ts';
import type { RemoteEnd } from './remote-run.ts';
import type { SshCommand } from './ssh-call.ts';
import type { SshHop } from './ssh-hop.ts';
import {
  lostWhile,
  remoteCwdMissing,
  remoteFolderFailed,
  remoteShellMissing,
  sudoRefused,
} from './ssh-messages.ts';

type Ended = Extract<RemoteEnd, { readonly kind: 'ended' }>;

/** The streams that somebody reads, as `stdout` and `stderr` of an outcome. */
export const streamsOf = ({ reads }: SshCommand, output: RemoteOutput) =>
  Object.fromEntries(reads.map((name) => [name, output.textOf(name)]));

/** Why the command was not even begun; undefined where it was. */
export function refusal(hop: SshHop, command: SshCommand, output: RemoteOutput): Failure | undefined {
  const { word, noise } = output;
  if (word === 'go') return undefined;
  if (word === 'cwd') return remoteCwdMissing(hop, command.cwd ?? '');
  if (word === 'shell') return remoteShellMissing(hop, command.shell ?? 'sh', '');
  if (word === 'folder') return remoteFolderFailed(hop, 'its folder cannot be made');
  return command.sudo === undefined
    ? remoteShellMissing(hop, '/bin/sh', noise)
    : sudoRefused(hop, command.sudo, noise);
}

/** After the command itself has ended, by whatever. */
export function endedOutcome(command: SshCommand, output: RemoteOutput, end: Ended): Outcome {
  const { code, signal, isHeldOpen } = end;
  const streams = {
    ...(code !== undefined && { exitCode: code }),
    ...streamsOf(command, output),
  };
  if (output.isTruncated && command.onLogLimit === 'fail')
    return { ok: false, failure: tooMuch(command), ...streams };
  if (code !== 0) {
    const failure = code === undefined ? killedFailure(signal) : exitFailure(code);
    return { ok: false, failure, ...streams };
  }
  const warnings = [
    ...(output.isTruncated ? [`log cut at ${command.logBytesMax} bytes`] : []),
    ...(isHeldOpen ? ['something that the command has left running there holds its output open'] : []),
  ];
  return { ok: true, ...streams, ...(warnings.length > 0 && { warnings }) };
}

export const tooMuch = ({ logBytesMax }: SshCommand): Failure =>
  stoppedFailure('output_limit', { timeoutMs: undefined, logBytesMax });

export const lostOutcome = (hop: SshHop, command: SshCommand, output: RemoteOutput): Outcome => ({
  ok: false,
  failure: lostWhile(hop, command.repeatable),
  ...streamsOf(command, output),
});
