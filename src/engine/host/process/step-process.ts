/**
 * One attempt from its start, or its recovery, to its exit: what has been seen of it and what is wanted of it.
 * Owns stopping, the watch over a step without a lane of ours, and the single call of `exit`. Is looked after by `tick`.
 * 1. `exit` is called at most once, and not before everything that a stopped step started is gone.
 * 2. An end that nobody saw has no code; nothing is ever run to find out.
 */
import { constants } from 'node:os';
import { OUTPUT_BYTES_MAX } from '../../core/limits.ts';
import type { AttemptRef, Clock } from '../../core/ports.ts';
import type { ProcessExit, ProcessSpec } from '../../core/step-type.ts';
import { attemptName, markGone, readStatus, type StepIdentity } from './attempt-files.ts';
import { LogWatch } from './log-watch.ts';
import { isAlive, livingMembers, pidExists, signalAll } from './process-table.ts';
import { readStream } from './step-log.ts';

/** Looks that a lane gets to write down the end of a step that is gone: 20 seconds on a machine that hardly moves. */
const LANE_LOOKS_MAX = 400;
/** Rounds of KILL before survivors are left alone: what the kernel does not end in 10 seconds it holds itself. */
const KILL_ROUNDS_MAX = 200;

type StopReason = NonNullable<ProcessExit['stopped']>;

export interface StepTerms
  extends Pick<ProcessSpec, 'separate' | 'logBytesMax' | 'onLogLimit' | 'killGraceMs'> {}

export interface StepProcessParts {
  readonly home: string;
  readonly attempt: AttemptRef;
  readonly terms: StepTerms;
  readonly clock: Clock;
  readonly exit: (exit: ProcessExit) => void;
  /** Told before `exit`, so that nobody looks after it any more. */
  readonly left: () => void;
  readonly warn: (message: string) => void;
}

export class StepProcess {
  readonly #parts: StepProcessParts;
  readonly #marker: string;
  readonly #logs: LogWatch;
  #identity: StepIdentity | undefined;
  /** Nobody tells us its end: the status file and the process itself are watched. */
  #watching = false;
  #looksSinceGone = 0;
  #end: { readonly code?: number } | undefined;
  #delivered = false;
  #stopped: StopReason | undefined;
  #signal: 'none' | 'TERM' | 'KILL' = 'none';
  #killRounds = 0;
  #takeBackKill: (() => void) | undefined;

  constructor(parts: StepProcessParts) {
    this.#parts = parts;
    this.#marker = `BELAY_ATTEMPT=${attemptName(parts.attempt)}`;
    this.#logs = new LogWatch(parts.home, parts.attempt, parts.terms);
  }

  /** From now on its end is read from the status file. */
  watch(): void {
    this.#watching = true;
  }

  /** Its end is known; without a code when nobody saw it. */
  ended(code?: number, timedOut = false): void {
    if (this.#end !== undefined) return;
    if (timedOut) this.stop('timeout');
    this.#end = code === undefined ? {} : { code };
    this.#watching = false;
    if (this.#stopped === undefined) this.#deliver();
    else this.#pursue();
  }

  stop(why: StopReason): void {
    if (this.#stopped !== undefined || this.#delivered) return;
    const { clock, terms } = this.#parts;
    this.#stopped = why;
    this.#takeBackKill = clock.at(clock.now() + terms.killGraceMs, () => {
      this.#signal = 'KILL';
      this.#pursue();
    });
    this.#pursue();
  }

  /** Called every look interval. */
  tick(): void {
    if (this.#end === undefined && this.#logs.look() && this.#parts.terms.onLogLimit === 'fail') {
      this.stop('output_limit');
    }
    if (this.#watching) this.#lookAtStatus();
    if (this.#stopped !== undefined && !this.#delivered) this.#pursue();
  }

  /** Lets go: nothing is called any more. */
  leave(): void {
    this.#delivered = true;
    this.#takeBackKill?.();
  }

  #lookAtStatus(): void {
    const { home, attempt } = this.#parts;
    const status = readStatus(home, attempt);
    if (status.kind === 'ended') this.ended(status.code, status.timedOut);
    else if (status.kind === 'running') this.#lookAtProcess(status.process);
    else if (status.kind === 'given_up') this.ended();
    else {
      // Its lane died before the step showed itself: now it must not come any more.
      markGone(home, attempt);
      if (readStatus(home, attempt).kind === 'silent') this.ended();
    }
  }

  #lookAtProcess(process: StepIdentity): void {
    if (isAlive(process)) return;
    this.#looksSinceGone += 1;
    // The lane may be slow to write; once it is gone too, one more look sees what it wrote last.
    const laneLives = pidExists(process.lanePid) && this.#looksSinceGone < LANE_LOOKS_MAX;
    if (!laneLives && this.#looksSinceGone > 1) this.ended();
  }

  /** Signals what lives of a step that is to end; delivers once all of it is gone. */
  #pursue(): void {
    const identity = this.#identify();
    if (identity === undefined) {
      if (this.#end !== undefined) this.#deliver();
      return;
    }
    const members = livingMembers(identity, this.#marker);
    if (members.length === 0) {
      if (this.#end !== undefined) this.#deliver();
      return;
    }
    if (this.#signal === 'KILL') {
      signalAll(identity.pid, members, 'SIGKILL');
      this.#killRounds += 1;
      if (this.#end !== undefined && this.#killRounds > KILL_ROUNDS_MAX) {
        this.#parts.warn(`processes ${members.join(', ')} of a stopped step could not be ended`);
        this.#deliver();
      }
    } else if (this.#signal === 'none') {
      this.#signal = 'TERM';
      signalAll(identity.pid, members, 'SIGTERM');
    }
  }

  #identify(): StepIdentity | undefined {
    if (this.#identity !== undefined) return this.#identity;
    const status = readStatus(this.#parts.home, this.#parts.attempt);
    if (status.kind === 'running' || status.kind === 'ended') this.#identity = status.process;
    return this.#identity;
  }

  #deliver(): void {
    if (this.#delivered) return;
    this.leave();
    const { home, attempt, terms, exit, left } = this.#parts;
    // It may have written since the last look.
    if (this.#logs.look() && terms.onLogLimit === 'fail') this.#stopped ??= 'output_limit';
    const code = this.#end?.code;
    const signal = code === undefined ? 'SIGKILL' : signalOf(code);
    const stream = (name: 'stdout' | 'stderr') =>
      terms.separate.includes(name) ? readStream(home, attempt, name, OUTPUT_BYTES_MAX) : '';
    left();
    exit({
      ...(code === undefined ? {} : { code }),
      ...(signal === undefined ? {} : { signal }),
      stdout: stream('stdout'),
      stderr: stream('stderr'),
      truncated: this.#logs.truncated,
      ...(this.#stopped === undefined ? {} : { stopped: this.#stopped }),
    });
  }
}

/** A shell reports a signal as 128 + its number, and so does every shell above it. */
function signalOf(code: number): string | undefined {
  if (code <= 128) return undefined;
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
}
