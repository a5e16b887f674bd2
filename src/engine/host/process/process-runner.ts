/**
 * Runs step processes that outlive this program: hands attempts to lanes, finds those of earlier hosts, looks after
 * all of them at one beat. Owns the table of attempts in hand. Does not write the journal or judge an exit.
 * 1. An attempt is started by its lane alone, and only if nobody had decided about it (see `attempt-files`).
 * 2. `exit` is called later than the call that asked for it, once, and never after `close`.
 * 3. The beat keeps this program alive while attempts are in hand; lanes never do.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptRef, Clock, Found, ProcessRunner } from '../../core/ports.ts';
import type { ProcessExit, ProcessSpec } from '../../core/step-type.ts';
import {
  attemptName,
  attemptPath,
  bootWord,
  giveUp,
  makeFolder,
  markGone,
  readStatus,
  runsFolder,
  type Status,
} from './attempt-files.ts';
import { findLaneShell, LanePool } from './lane-pool.ts';
import { startProblem } from './lane-script.ts';
import { hasMarker, isAlive, pidExists } from './process-table.ts';
import { StepProcess, type StepTerms } from './step-process.ts';

/** How often running steps are looked at: sizes of logs, ends of steps that an earlier host started. */
const LOOK_MS = 50;
/** Longest a recovery stands still for a process that is about to show itself. */
const SHOWING_MS_MAX = 100;
/** The same for one that has been told to go just then: microseconds of work, on a machine that hardly moves. */
const CHOOSING_MS_MAX = 2_000;
/** What shells answer when they cannot start a program. */
const CANNOT_START = 126;

export interface ProcessRunnerOptions {
  /** Belay's data directory. */
  readonly home: string;
  readonly clock: Clock;
  readonly hostId: string;
  readonly bootId: string;
  readonly log?: { readonly warn: (fields: object, message: string) => void };
}

type Exit = (exit: ProcessExit) => void;

export function createProcessRunner(options: ProcessRunnerOptions): ProcessRunner {
  return new LaneRunner(options);
}

class LaneRunner implements ProcessRunner {
  readonly #options: ProcessRunnerOptions;
  readonly #boot: string;
  readonly #steps = new Map<string, StepProcess>();
  readonly #runsWithFolder = new Set<string>();
  #lanes: LanePool | undefined;
  #beat: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ProcessRunnerOptions) {
    this.#options = options;
    this.#boot = bootWord(options.bootId);
  }

  start(attempt: AttemptRef, spec: ProcessSpec, exit: Exit): void {
    const step = this.#takeInHand(attempt, spec, exit);
    const problem = this.#makeRunFolder(attempt.runId) ?? startProblem(spec);
    if (problem !== undefined) this.#failStart(attempt, step, problem);
    else this.#giveToLane(attempt, spec, step, 2);
  }

  recover(attempt: AttemptRef, terms: StepTerms, exit: Exit): Found {
    const { home, hostId } = this.#options;
    let status = readStatus(home, attempt);
    if (status.kind === 'undecided') {
      if (giveUp(home, attempt, hostId)) return { kind: 'never_started' };
      status = readStatus(home, attempt);
    }
    if (status.kind === 'silent') status = this.#settleSilent(attempt);
    if (status.kind === 'ended') {
      const { code, timedOut } = status;
      const step = this.#takeInHand(attempt, terms, exit);
      setImmediate(() => step.ended(code, timedOut));
      return { kind: 'finished' };
    }
    if (status.kind !== 'running') return { kind: 'never_started' };
    if (status.process.boot !== this.#boot) return { kind: 'rebooted' };
    this.#takeInHand(attempt, terms, exit).watch();
    return { kind: isAlive(status.process) ? 'attached' : 'finished' };
  }

  stop(attempt: AttemptRef, why: 'timeout' | 'cancelled' | 'output_limit'): void {
    const step = this.#steps.get(attemptName(attempt));
    // Later than this call, because it may find everything gone and call `exit` at once.
    if (step !== undefined) setImmediate(() => step.stop(why));
  }

  leave(runId: string): void {
    for (const [name, step] of this.#steps) {
      if (!name.startsWith(`${runId}/`)) continue;
      step.leave();
      this.#steps.delete(name);
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#beat);
    for (const step of this.#steps.values()) step.leave();
    this.#steps.clear();
    this.#lanes?.close();
  }

  #takeInHand(attempt: AttemptRef, terms: StepTerms, exit: Exit): StepProcess {
    const name = attemptName(attempt);
    const { home, clock, log } = this.#options;
    // an attempt that was given back and taken again has a new watcher under its name
    this.#steps.get(name)?.leave();
    const left = () => {
      if (this.#steps.get(name) === step) this.#steps.delete(name);
    };
    const warn = (message: string) => log?.warn({ attempt: name }, message);
    const step: StepProcess = new StepProcess({ home, attempt, terms, clock, exit, left, warn });
    this.#steps.set(name, step);
    this.#beat ??= setInterval(() => this.#look(), LOOK_MS);
    return step;
  }

  #look(): void {
    for (const [name, step] of [...this.#steps]) {
      try {
        step.tick();
      } catch (err) {
        // Too many open files, a folder out of reach: the step runs on and is looked at again at the next beat.
        this.#options.log?.warn({ attempt: name, err }, 'a running step could not be looked at');
      }
    }
    if (this.#steps.size > 0) return;
    clearInterval(this.#beat);
    this.#beat = undefined;
  }

  /** Once a run, not once a step. Answers words for what went wrong. */
  #makeRunFolder(runId: string): string | undefined {
    if (this.#runsWithFolder.has(runId)) return undefined;
    try {
      makeFolder(join(runsFolder(this.#options.home), runId));
    } catch (error) {
      return `the run's folder cannot be made: ${(error as Error).message}`;
    }
    this.#runsWithFolder.add(runId);
    return undefined;
  }

  #giveToLane(attempt: AttemptRef, spec: ProcessSpec, step: StepProcess, triesLeft: number): void {
    if (triesLeft === 0) {
      this.#failStart(
        attempt,
        step,
        'no shell could make the files of this step: it dies at once, or the disk refuses them',
      );
      return;
    }
    this.#lanes ??= new LanePool(findLaneShell(process.env.PATH ?? ''), {
      folder: runsFolder(this.#options.home),
      boot: this.#boot,
      umask: process.umask(),
    });
    const taken = this.#lanes.run(attemptName(attempt), spec, (word) => {
      if (this.#closed) return;
      if (word !== undefined && word !== '-') step.ended(Number(word));
      else if (readStatus(this.#options.home, attempt).kind !== 'undecided') step.watch();
      else this.#tryAgain(attempt, spec, step, triesLeft - 1);
    });
    if (!taken)
      this.#failStart(attempt, step, 'no shell found to start steps with: `bash`, or `sh` and `setsid`');
  }

  /** Nothing ran and, in this lane, nothing will: the folder may have been removed, or the lane killed. */
  #tryAgain(attempt: AttemptRef, spec: ProcessSpec, step: StepProcess, triesLeft: number): void {
    this.#runsWithFolder.delete(attempt.runId);
    const problem = this.#makeRunFolder(attempt.runId);
    if (problem !== undefined) this.#failStart(attempt, step, problem);
    else this.#giveToLane(attempt, spec, step, triesLeft);
  }

  /** The words go where the step's own would have gone. */
  #failStart(attempt: AttemptRef, step: StepProcess, problem: string): void {
    try {
      appendFileSync(attemptPath(this.#options.home, attempt, 'log'), `${problem}\n`, { mode: 0o600 });
    } catch {
      this.#options.log?.warn({ attempt: attemptName(attempt) }, problem);
    }
    setImmediate(() => step.ended(CANNOT_START));
  }

  /**
   * Decided, yet no process has shown itself: most likely it is at it right now, so it gets a moment undisturbed. After
   * `markGone` one that has still not shown itself never becomes the step; one that has says whether it goes on.
   * To take it for running before it has said so would make a step that never ran look killed.
   */
  #settleSilent(attempt: AttemptRef): Status {
    const { home } = this.#options;
    const shown = this.#statusOnce(attempt, SHOWING_MS_MAX, ({ kind }) => kind !== 'silent');
    if (shown.kind !== 'silent') return shown;
    markGone(home, attempt);
    const marker = `BELAY_ATTEMPT=${attemptName(attempt)}`;
    const hasChosen = (status: Status): boolean =>
      status.kind !== 'running' ||
      hasMarker(status.process.pid, marker) ||
      !pidExists(status.process.lanePid);
    return this.#statusOnce(attempt, CHOOSING_MS_MAX, hasChosen);
  }

  /** Stands still until the status is as wanted, or for as long as is said. */
  #statusOnce(attempt: AttemptRef, waitMsMax: number, wanted: (status: Status) => boolean): Status {
    const still = new Int32Array(new SharedArrayBuffer(4));
    let status = readStatus(this.#options.home, attempt);
    for (let waitedMs = 0; waitedMs < waitMsMax && !wanted(status); waitedMs += 1) {
      Atomics.wait(still, 0, 0, 1);
      status = readStatus(this.#options.home, attempt);
    }
    return status;
  }
}
