/**
 * Carries out an ssh call: files there, the command, files back, over connections that steps share.
 */
import type { Failure } from '../../engine/core/failure.ts';
import type { JsonObject } from '../../engine/core/model.ts';
import type { CallIo, Outcome } from '../../engine/core/step-type.ts';
import { runAttached } from './attached-command.ts';
import { runDetached } from './detached-command.ts';
import { moveFiles } from './move-files.ts';
import { onConnection } from './on-connection.ts';
import { type SshCall, UPLOADED } from './ssh-call.ts';

/** Rejects when the signal is given. */
export async function performSsh(call: SshCall, io: CallIo): Promise<Outcome> {
  io.signal.throwIfAborted();
  const { target, command, transfers } = call;
  const outputs: { [name: string]: JsonObject } = {};
  const warnings: string[] = [];
  const move = async (direction: 'upload' | 'download'): Promise<Failure | undefined> => {
    if (transfers[direction].length === 0) return undefined;
    const moved = await onConnection(target, io.signal, (lease) =>
      moveFiles(lease, target.hop, transfers, direction, io.signal),
    );
    if (!moved.ok) return moved.error;
    if (!moved.value.ok) return moved.value.error;
    const { files, bytes, leftOut } = moved.value.value;
    outputs[direction] = { files, bytes };
    warnings.push(...leftOut);
    return undefined;
  };
  const failedUpload = call.isUploaded ? undefined : await move('upload');
  if (failedUpload) return { ok: false, failure: failedUpload };
  if (command?.detach !== undefined && transfers.upload.length > 0) await io.note(UPLOADED);
  const ran = command && (await run(call, io));
  if (ran && !ran.ok) return { ...ran, outputs };
  const failedDownload = await move('download');
  if (failedDownload) return { ...ran, ok: false, failure: failedDownload, outputs };
  return { ok: true, ...ran, outputs, warnings: [...warnings, ...(ran?.warnings ?? [])] };
}

async function run({ target, command }: SshCall, io: CallIo): Promise<Outcome> {
  if (!command) return { ok: true };
  if (command.detach !== undefined) return runDetached(target, command, io);
  const ran = await onConnection(target, io.signal, (lease) => runAttached(lease, target.hop, command, io));
  return ran.ok ? ran.value : { ok: false, failure: ran.error };
}
