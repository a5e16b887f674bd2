/**
 * A command that goes on without its connection and without this process: it is started once, followed, and found again
 * by its name. Owns the way back to it after the connection was lost.
 * 1. Once it may have been started, no failure lets it be started again by itself.
 * 2. Its end is told by the other machine, never guessed from silence.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { err, type Failure, ok, type Result } from '../../engine/core/failure.ts';
import {
  OUTPUT_BYTES_MAX,
  SSH_REATTACH_DELAY_MS_MAX,
  SSH_REATTACH_MS_MAX,
} from '../../engine/core/limits.ts';
import type { CallIo, Outcome } from '../../engine/core/step-type.ts';
import { killedFailure } from '../messages.ts';
import { endedOutcome, refusal, streamsOf, tooMuch } from './command-outcome.ts';
import type { Lease } from './connection-pool.ts';
import { collectProgram, detachedFolder, endProgram, followProgram } from './detached-program.ts';
import { onConnection } from './on-connection.ts';
import { RemoteOutput } from './remote-output.ts';
import { commandLine } from './remote-program.ts';
import { type RemoteEnd, runRemote } from './remote-run.ts';
import { BEGUN, type SshCommand } from './ssh-call.ts';
import { lostDetached } from './ssh-messages.ts';
import type { SshTarget } from './ssh-target.ts';

/** For the other side's answer to a word that it should end. */
const ANSWER_MS = 1_000;
/** The same on a connection that may have to be made first. */
const END_ANSWER_MS = 5_000;

const newMark = (): string => `belay-${randomBytes(12).toString('hex')}:`;

/** Rejects when the signal is given; the command has ended then, unless this host only leaves. */
export async function runDetached(target: SshTarget, command: SshCommand, io: CallIo): Promise<Outcome> {
  const detached = new DetachedCommand(target, command, io);
  try {
    return await detached.run();
  } finally {
    if (io.signal.aborted && io.signal.reason !== 'leaving') await detached.end();
  }
}

class DetachedCommand {
  readonly #target: SshTarget;
  readonly #command: SshCommand;
  readonly #io: CallIo;
  readonly #seen = { stdout: 0, stderr: 0 };
  #mayRun: boolean;
  #isTruncated = false;

  constructor(target: SshTarget, command: SshCommand, io: CallIo) {
    this.#target = target;
    this.#command = command;
    this.#io = io;
    this.#mayRun = command.isBegun;
  }

  async run(): Promise<Outcome> {
    let deadline: number | undefined;
    for (let round = 0; ; round += 1) {
      const followed = await onConnection(this.#target, this.#io.signal, (lease) => this.#follow(lease));
      if (followed.ok && followed.value) return followed.value;
      if (!followed.ok && (!this.#mayRun || followed.error.retry === 'final'))
        return { ok: false, failure: followed.error };
      // something came back: the search begins anew
      if (followed.ok) [deadline, round] = [undefined, 0];
      deadline ??= Date.now() + SSH_REATTACH_MS_MAX;
      if (Date.now() > deadline) return { ok: false, failure: this.#lost() };
      const waitMs = round === 0 ? 100 : Math.min(500 * 2 ** round, SSH_REATTACH_DELAY_MS_MAX);
      await delay(waitMs, undefined, { signal: this.#io.signal });
    }
  }

  /** Its outcome; null: the connection was lost meanwhile; undefined: nothing was sent. */
  async #follow(lease: Lease): Promise<Outcome | null | undefined> {
    const { signal } = this.#io;
    if (!this.#mayRun) await this.#io.note(BEGUN);
    this.#mayRun = true;
    const full = new AbortController();
    const stop = AbortSignal.any([signal, full.signal]);
    const mark = newMark();
    const output = this.#output(mark, full);
    const end = await this.#runProgram(lease, followProgram(this.#command, mark, this.#seen), output, stop);
    this.#seen.stdout += output.bytesOf('stdout');
    this.#seen.stderr += output.bytesOf('stderr');
    this.#isTruncated ||= output.isTruncated;
    signal.throwIfAborted();
    if (end.kind === 'unsent') return undefined;
    if (end.kind === 'stopped') {
      await this.end();
      return { ok: false, failure: tooMuch(this.#command), ...streamsOf(this.#command, output) };
    }
    if (end.kind === 'lost') return null;
    const failure = refusal(this.#target.hop, this.#command, output);
    if (failure) return { ok: false, failure };
    const collected = await this.#collect(lease);
    return collected.ok ? collected.value : null;
  }

  #output(mark: string, full: AbortController): RemoteOutput {
    const { logBytesMax, onLogLimit } = this.#command;
    return new RemoteOutput({
      mark,
      bytesMax: logBytesMax - this.#seen.stdout - this.#seen.stderr,
      log: (text) => this.#io.log(text),
      full: () => onLogLimit === 'fail' && full.abort(),
    });
  }

  async #collect(lease: Lease): Promise<Result<Outcome, undefined>> {
    const mark = newMark();
    const output = new RemoteOutput({ mark, bytesMax: 3 * OUTPUT_BYTES_MAX, log: () => {}, full: () => {} });
    const { signal } = this.#io;
    const end = await this.#runProgram(lease, collectProgram(this.#command, mark), output, signal);
    signal.throwIfAborted();
    const { word } = output;
    if (end.kind !== 'ended' || word === undefined) return err(undefined);
    if (this.#isTruncated) output.isTruncated = true;
    if (word === 'lost')
      return ok({ ok: false, failure: killedFailure(undefined), ...streamsOf(this.#command, output) });
    return ok(endedOutcome(this.#command, output, { kind: 'ended', code: Number(word), isHeldOpen: false }));
  }

  /** Ends the command there, if it can be reached: nobody waits long for that. */
  async end(): Promise<void> {
    if (!this.#mayRun) return;
    const stop = AbortSignal.timeout(this.#command.killGraceMs + END_ANSWER_MS);
    const mark = newMark();
    const output = new RemoteOutput({ mark, bytesMax: 1, log: () => {}, full: () => {} });
    const program = endProgram(this.#command, mark);
    await onConnection(this.#target, stop, async (lease) => {
      const end = await this.#runProgram(lease, program, output, stop);
      return end.kind === 'unsent' ? undefined : end;
    }).catch(() => {});
  }

  #runProgram(lease: Lease, text: string, output: RemoteOutput, stop: AbortSignal): Promise<RemoteEnd> {
    return runRemote(lease, {
      commandLine: commandLine(this.#command.sudo),
      text,
      output,
      stop,
      stopMs: ANSWER_MS,
    });
  }

  #lost(): Failure {
    return lostDetached(this.#target.hop, detachedFolder(this.#command.detach ?? ''));
  }
}
