/**
 * A command that lives no longer than its channel: made at most once, streamed to the log, ended with the step.
 * 1. When the connection is lost the other side ends the command by itself.
 */
import { randomUUID } from 'node:crypto';
import type { CallIo, Outcome } from '../../engine/core/step-type.ts';
import { endedOutcome, lostOutcome, refusal, streamsOf, tooMuch } from './command-outcome.ts';
import type { Lease } from './connection-pool.ts';
import { RemoteOutput } from './remote-output.ts';
import { commandLine, supervisedProgram } from './remote-program.ts';
import { runRemote } from './remote-run.ts';
import type { SshCommand } from './ssh-call.ts';
import type { SshHop } from './ssh-hop.ts';

/** Beyond the grace there: for the answer to come back. */
const ANSWER_MS = 1_500;

/** Undefined: it was not even sent. Rejects when the signal is given, once the command there has ended or been told to. */
export async function runAttached(
  lease: Lease,
  hop: SshHop,
  command: SshCommand,
  io: CallIo,
): Promise<Outcome | undefined> {
  const mark = `belay-${randomUUID()}:`;
  const full = new AbortController();
  const output = new RemoteOutput({
    mark,
    bytesMax: command.logBytesMax,
    log: (text) => io.log(text),
    full: () => command.onLogLimit === 'fail' && full.abort(),
  });
  const end = await runRemote(lease, {
    commandLine: commandLine(command.sudo),
    text: supervisedProgram(command, mark),
    output,
    stop: AbortSignal.any([io.signal, full.signal]),
    stopMs: command.killGraceMs + ANSWER_MS,
  });
  io.signal.throwIfAborted();
  if (end.kind === 'unsent') return undefined;
  if (end.kind === 'stopped') return { ok: false, failure: tooMuch(command), ...streamsOf(command, output) };
  if (end.kind === 'lost') return lostOutcome(hop, command, output);
  const failure = refusal(hop, command, output);
  return failure ? { ok: false, failure } : endedOutcome(command, output, end);
}
